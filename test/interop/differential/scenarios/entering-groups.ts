import type { Body, Dialogue } from '../dialogue.ts'
import { joinBody, syncBody } from './request-bodies.ts'

/** Has a member join on its own, twice where the first answer is but its id. */
export async function join(
  dialogue: Dialogue,
  version: number,
  groupId: string,
  traits: Body = {},
): Promise<unknown> {
  const first = await dialogue.ask('join', 'JoinGroup', version, joinBody(groupId, traits))
  const memberId = first?.['memberId']
  if (first?.['errorCode'] !== 0)
    await dialogue.ask('join with an id', 'JoinGroup', version, joinBody(groupId, { memberId, ...traits }))
  return memberId
}

/** A group with a member that has its part. */
export async function settled(dialogue: Dialogue, groupId: string, traits: Body = {}): Promise<unknown> {
  const memberId = await join(dialogue, 9, groupId, traits)
  const { groupInstanceId = null } = traits
  await dialogue.ask('sync', 'SyncGroup', 5, syncBody(groupId, memberId, 1, { groupInstanceId }))
  return memberId
}

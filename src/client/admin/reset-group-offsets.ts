import type { ClusterClient } from '../cluster/cluster-client.ts'
import type { TopicPartition } from '../cluster/cluster-metadata.ts'
import type { CommittedOffset } from '../group/group-offsets.ts'
import { AdminError } from './admin-error.ts'
import { describeGroups } from './describe-groups.ts'
import { alterGroupOffsets, listGroupOffsets } from './group-offsets.ts'
import { type AdminOptions, type ItemOptions, type ItemResult, orThrow, signalIn } from './item-results.ts'
import { findTargets, type FoundTarget, type OffsetTarget, type TargetQuery } from './offset-targets.ts'
import { partitionName, PartitionMap } from './partition-map.ts'

/** Where a group is to go on: see {@link OffsetTarget}; or so many offsets on from where it is, back when negative. */
export type ResetTarget = OffsetTarget | { readonly shift: number }

/** How the offsets of a group are reset. */
export interface ResetGroupOffsetsOptions extends ItemOptions {
  readonly to: ResetTarget
  /** Default: all partitions that the group has committed offsets of. */
  readonly partitions?: readonly TopicPartition[]
  /** Only tells what would be done. Default false. */
  readonly dryRun?: boolean
}

/** A partition in which a group goes on elsewhere, or would. */
export interface ResetGroupOffset extends TopicPartition, ItemResult {
  /** What was committed before; -1 for nothing. */
  readonly oldOffset: number
  /** Where the group goes on: the nearest to what was asked for that is in the partition; -1 after an error. */
  readonly offset: number
  /** Whether what was asked for lay outside the partition. */
  readonly isClamped: boolean
}

/** See `Admin.resetGroupOffsets`. */
export async function resetGroupOffsets(
  client: ClusterClient,
  groupId: string,
  options: ResetGroupOffsetsOptions,
): Promise<ResetGroupOffset[]> {
  const { dryRun = false } = options
  const everywhere = signalIn(options)
  await refuseMembers(client, groupId, everywhere)
  const planned = await plan(client, groupId, options, everywhere)
  const results = dryRun ? planned : await commit(client, groupId, planned, everywhere)
  return orThrow(results, options)
}

/** Members would commit over what is set, or have done so by the time it is read. */
async function refuseMembers(client: ClusterClient, groupId: string, options: AdminOptions): Promise<void> {
  const [group] = await describeGroups(client, [groupId], { ...options, throwOnError: false })
  if (group?.error !== undefined && group.error.kafkaName !== 'GROUP_ID_NOT_FOUND') throw group.error
  if (group === undefined || group.members.length === 0) return
  const reason = `it is ${group.state}, with members that would commit over it: stop them first`
  throw new AdminError('NON_EMPTY_GROUP', `group '${groupId}'`, reason)
}

/** What is to be done in each partition, or why nothing can be. */
async function plan(
  client: ClusterClient,
  groupId: string,
  { to, partitions }: ResetGroupOffsetsOptions,
  options: AdminOptions,
): Promise<ResetGroupOffset[]> {
  const committed = await listGroupOffsets(client, groupId, options)
  const current = new PartitionMap<CommittedOffset>()
  for (const each of committed) current.set(each, each)
  const chosen = partitions ?? committed
  const queries = chosen.flatMap((each) => queryFor(each, to, current.get(each)) ?? [])
  const found = new PartitionMap<FoundTarget>()
  for (const each of await findTargets(client, queries, options)) found.set(each, each)
  return chosen.map((each) => planFor(each, current.get(each)?.offset ?? -1, found.get(each)))
}

/** Undefined where there is nothing to shift from. */
function queryFor(
  { topic, partition }: TopicPartition,
  to: ResetTarget,
  current: CommittedOffset | undefined,
): TargetQuery | undefined {
  if (typeof to === 'string' || !('shift' in to)) return { topic, partition, to }
  return current && { topic, partition, to: { offset: current.offset + to.shift } }
}

function planFor(
  { topic, partition }: TopicPartition,
  oldOffset: number,
  target: FoundTarget | undefined,
): ResetGroupOffset {
  const error = target === undefined ? nothingToShift({ topic, partition }) : target.error
  if (target === undefined || error !== undefined)
    return { ...{ topic, partition, oldOffset, offset: -1, isClamped: false }, ...(error && { error }) }
  const { offset, wantedOffset } = target
  return { topic, partition, oldOffset, offset, isClamped: offset !== wantedOffset }
}

function nothingToShift(partition: TopicPartition): AdminError {
  const reason = 'the group has committed no offset there to shift from'
  return new AdminError('INVALID_REQUEST', partitionName(partition), reason)
}

async function commit(
  client: ClusterClient,
  groupId: string,
  planned: readonly ResetGroupOffset[],
  options: AdminOptions,
): Promise<ResetGroupOffset[]> {
  const sound = planned.filter(({ error }) => error === undefined)
  const outcomes = new PartitionMap<ItemResult>()
  for (const each of await alterGroupOffsets(client, groupId, sound, { ...options, throwOnError: false }))
    outcomes.set(each, each)
  return planned.map((each) => {
    const error = outcomes.get(each)?.error
    return error === undefined ? each : { ...each, error, offset: -1 }
  })
}

import { errorCodes } from '../../wire/error-codes.ts'
import type { OffsetDeleteRequest, OffsetDeleteResponse } from '../../wire/messages/47-offset-delete.ts'
import type { GroupEntry } from './group-entry.ts'
import { groupTombstone, offsetTombstone } from './group-records.ts'
import type { GroupShard } from './group-shard.ts'
import { expiredOffsets } from './offset-expiry.ts'

const { NONE } = errorCodes

/** Deletes a group without members, and its offsets. Resolves to an error code. */
export async function deleteGroup(shard: GroupShard, groupId: string): Promise<number> {
  const entry = shard.groups.get(groupId)
  if (entry === undefined || entry.group.state === 'Dead') return errorCodes.GROUP_ID_NOT_FOUND
  const { group, offsets } = entry
  if (group.state !== 'Empty') return errorCodes.NON_EMPTY_GROUP
  const { stateChangedMs } = group
  // From here on nobody joins it or commits to it; what was committed before must be known before it can be deleted.
  shard.carryOut(entry, group.die(errorCodes.COORDINATOR_NOT_AVAILABLE))
  await shard.quiet(groupId)
  const tombstones = offsets
    .partitions()
    .map(([topic, partition]) => offsetTombstone(groupId, topic, partition))
  return shard.append(groupId, [...tombstones, groupTombstone(groupId)], (errorCode) => {
    if (errorCode === NONE) shard.groups.delete(groupId)
    else group.revive(stateChangedMs)
  })
}

/** Deletes offsets of a group, except in topics that its members consume. */
export async function deleteOffsets(
  shard: GroupShard,
  request: OffsetDeleteRequest,
): Promise<OffsetDeleteResponse> {
  const entry = shard.groups.get(request.groupId)
  if (entry === undefined || entry.group.state === 'Dead')
    return refuseOffsetDelete(errorCodes.GROUP_ID_NOT_FOUND)
  const { group } = entry
  // Only of consumers is it known what they are after.
  if (group.state !== 'Empty' && !group.isOfConsumers) return refuseOffsetDelete(errorCodes.NON_EMPTY_GROUP)
  const isConsumed = (topic: string): boolean => group.topics?.has(topic) === true
  const doomed = request.topics
    .filter(({ name }) => !isConsumed(name))
    .flatMap(({ name, partitions }) =>
      partitions.map(({ partitionIndex }): [string, number] => [name, partitionIndex]),
    )
  const errorCode = await deletePartitions(shard, entry, doomed)
  if (errorCode !== NONE) return refuseOffsetDelete(errorCode)
  const topics = request.topics.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map(({ partitionIndex }) => ({
      partitionIndex,
      errorCode: isConsumed(name) ? errorCodes.GROUP_SUBSCRIBED_TO_TOPIC : NONE,
    })),
  }))
  return { throttleTimeMs: 0, errorCode: NONE, topics }
}

/** The answer when nothing is deleted. */
export function refuseOffsetDelete(errorCode: number): OffsetDeleteResponse {
  return { throttleTimeMs: 0, errorCode, topics: [] }
}

/**
 * Deletes the offsets of topics that are gone, whoever is still subscribed to them: another topic of such a name has
 * other records.
 */
export async function forgetTopics(
  shard: GroupShard,
  entry: GroupEntry,
  isDeleted: (topic: string) => boolean,
): Promise<void> {
  // What is being committed right now was accepted while there was the topic.
  await shard.quiet(entry.group.groupId)
  const doomed = entry.offsets.partitions().filter(([topic]) => isDeleted(topic))
  await deletePartitions(shard, entry, doomed)
}

/** Deletes what has expired of a group; the group too, if nothing else is left of it. */
export async function expireGroup(
  shard: GroupShard,
  entry: GroupEntry,
  nowMs: number,
  retentionMs: number,
): Promise<void> {
  const { group, offsets } = entry
  // What is being committed right now is not to be taken for old.
  if (shard.isBusy(group.groupId)) return
  const expired = expiredOffsets(group, offsets, nowMs, retentionMs)
  const isForsaken = group.state === 'Empty' && group.pendingJoins.size === 0 && !offsets.hasOpenTransactions
  if (isForsaken && expired.length === offsets.count) await deleteGroup(shard, group.groupId)
  else await deletePartitions(shard, entry, expired)
}

async function deletePartitions(
  shard: GroupShard,
  { group: { groupId }, offsets }: GroupEntry,
  doomed: readonly (readonly [topic: string, partition: number])[],
): Promise<number> {
  const existing = doomed.filter(
    ([topic, partition]) =>
      offsets.get(topic, partition) !== undefined || offsets.isPending(topic, partition),
  )
  if (existing.length === 0) return NONE
  const records = existing.map(([topic, partition]) => offsetTombstone(groupId, topic, partition))
  return shard.append(groupId, records, (errorCode) => {
    if (errorCode !== NONE) return
    for (const [topic, partition] of existing) offsets.delete(topic, partition)
  })
}

import { errorCodes } from '../../wire/error-codes.ts'
import type { OffsetFetchRequest, OffsetFetchResponse } from '../../wire/messages/09-offset-fetch.ts'
import { zeroUuid } from '../../wire/uuid.ts'
import type { GroupEntry } from './group-entry.ts'
import type { GroupShard } from './group-shard.ts'

type AskedGroup = OffsetFetchRequest['groups'][number]
type AskedTopic = NonNullable<AskedGroup['topics']>[number]
type ToldGroup = OffsetFetchResponse['groups'][number]
type ToldTopic = ToldGroup['topics'][number]
type ToldPartition = ToldTopic['partitions'][number]

/** From this version on, a request asks for several groups, and each has an error of its own (KIP-709). */
const severalGroupsVersion = 8
/** From this version on, the response has an error of its own; before, only its partitions have. */
const topLevelErrorVersion = 2

/** The groups that a request of any version asks for. */
export function askedGroups(request: OffsetFetchRequest, apiVersion: number): readonly AskedGroup[] {
  if (apiVersion >= severalGroupsVersion) return request.groups
  const topics = request.topics?.map((topic) => ({ ...topic, topicId: zeroUuid })) ?? null
  return [{ groupId: request.groupId, memberId: null, memberEpoch: -1, topics }]
}

/** The response of any version to what {@link askedGroups} has found. */
export function answerFetch(groups: readonly ToldGroup[], apiVersion: number): OffsetFetchResponse {
  const only = groups[0]
  if (apiVersion >= severalGroupsVersion || only === undefined)
    return { throttleTimeMs: 0, topics: [], errorCode: errorCodes.NONE, groups }
  const errorCode = apiVersion >= topLevelErrorVersion ? only.errorCode : errorCodes.NONE
  const topics = only.topics.map(({ name, partitions }) => ({ name, partitions }))
  return { throttleTimeMs: 0, topics, errorCode, groups: [] }
}

/**
 * The offsets that a group has committed: those asked for, or all. With `requireStable`, commits under way are waited
 * for, and offsets that an open transaction may change are refused with UNSTABLE_OFFSET_COMMIT (KIP-447).
 */
export async function fetchOffsets(
  shard: GroupShard,
  asked: AskedGroup,
  requireStable: boolean,
): Promise<ToldGroup> {
  if (requireStable) await shard.quiet(asked.groupId)
  const entry = shard.groups.get(asked.groupId)
  const topics = (asked.topics ?? allTopics(entry)).map(({ name, topicId, partitionIndexes }) => ({
    name,
    topicId,
    partitions: partitionIndexes.map((index) => tellOffset(entry, name, index, requireStable)),
  }))
  return { groupId: asked.groupId, topics, errorCode: errorCodes.NONE }
}

/** The answer for a group that cannot be looked up. Version 1 has nowhere else to say so than with each partition. */
export function refuseFetch(asked: AskedGroup, errorCode: number, apiVersion: number): ToldGroup {
  const topics = apiVersion < topLevelErrorVersion ? (asked.topics ?? []) : []
  return {
    groupId: asked.groupId,
    topics: topics.map(({ name, topicId, partitionIndexes }) => ({
      name,
      topicId,
      partitions: partitionIndexes.map((index) => noOffset(index, errorCode)),
    })),
    errorCode,
  }
}

function allTopics(entry: GroupEntry | undefined): AskedTopic[] {
  if (entry === undefined) return []
  return [...entry.offsets.topics].map(([name, partitions]) => ({
    name,
    topicId: zeroUuid,
    partitionIndexes: [...partitions.keys()],
  }))
}

function tellOffset(
  entry: GroupEntry | undefined,
  topic: string,
  partitionIndex: number,
  requireStable: boolean,
): ToldPartition {
  if (requireStable && entry?.offsets.isPending(topic, partitionIndex))
    return noOffset(partitionIndex, errorCodes.UNSTABLE_OFFSET_COMMIT)
  const committed = entry?.offsets.get(topic, partitionIndex)
  if (committed === undefined) return noOffset(partitionIndex, errorCodes.NONE)
  return {
    partitionIndex,
    committedOffset: committed.offset,
    committedLeaderEpoch: committed.leaderEpoch,
    metadata: committed.metadata,
    errorCode: errorCodes.NONE,
  }
}

function noOffset(partitionIndex: number, errorCode: number): ToldPartition {
  return { partitionIndex, committedOffset: -1, committedLeaderEpoch: -1, metadata: '', errorCode }
}

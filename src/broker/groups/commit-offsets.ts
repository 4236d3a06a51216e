import { errorCodes } from '../../wire/error-codes.ts'
import type { OffsetCommitRequest, OffsetCommitResponse } from '../../wire/messages/08-offset-commit.ts'
import type {
  TxnOffsetCommitRequest,
  TxnOffsetCommitResponse,
} from '../../wire/messages/28-txn-offset-commit.ts'
import { zeroUuid } from '../../wire/uuid.ts'
import type { CoordinatorRecord, TransactionProducer } from './coordinator-log.ts'
import type { Committer } from './group-checks.ts'
import type { CommittedOffset } from './group-offsets.ts'
import { offsetRecord } from './group-records.ts'
import type { GroupShard } from './group-shard.ts'

const { NONE } = errorCodes

/** A commit, plain or within a transaction. */
interface Commit {
  readonly groupId: string
  readonly committer: Committer
  readonly topics: OffsetCommitRequest['topics']
  /** When the committer wants the offsets to expire, or -1. */
  readonly expireTimestampMs: number
  readonly transaction?: TransactionProducer
}

interface Limits {
  readonly apiVersion: number
  readonly nowMs: number
  readonly offsetMetadataMaxBytes: number
}

/** From this version of OffsetCommit on, a member is told that its group is gone, and not that its generation is. */
const groupNotFoundVersion = 9

/** Commits offsets of a group. They are answered for once they are in the log. */
export async function commitOffsets(
  shard: GroupShard,
  request: OffsetCommitRequest,
  limits: Limits,
): Promise<OffsetCommitResponse> {
  const { groupId, memberId, groupInstanceId, generationIdOrMemberEpoch, retentionTimeMs } = request
  const errorOf = await commit(shard, limits, {
    groupId,
    committer: {
      memberId,
      groupInstanceId,
      generationId: generationIdOrMemberEpoch,
      isTransactional: false,
    },
    topics: request.topics,
    expireTimestampMs: retentionTimeMs === -1 ? -1 : limits.nowMs + retentionTimeMs,
  })
  return answerCommit(request, errorOf)
}

/** Commits offsets as part of a transaction: they are stored now, and hold from its marker on. */
export async function commitTransactionalOffsets(
  shard: GroupShard,
  request: TxnOffsetCommitRequest,
  limits: Limits,
): Promise<TxnOffsetCommitResponse> {
  const { groupId, memberId, groupInstanceId, generationId, producerId, producerEpoch } = request
  const errorOf = await commit(shard, limits, {
    groupId,
    committer: { memberId, groupInstanceId, generationId, isTransactional: true },
    topics: request.topics.map((topic) => ({ ...topic, topicId: zeroUuid })),
    expireTimestampMs: -1,
    transaction: { producerId, producerEpoch },
  })
  return answerTransactionalCommit(request, errorOf)
}

/** The answer to a commit, with an error for each offset. */
export function answerCommit(
  { topics }: OffsetCommitRequest,
  errorOf: (metadata: string | null) => number,
): OffsetCommitResponse {
  return {
    throttleTimeMs: 0,
    topics: topics.map(({ name, topicId, partitions }) => ({
      name,
      topicId,
      partitions: partitions.map(({ partitionIndex, committedMetadata }) => ({
        partitionIndex,
        errorCode: errorOf(committedMetadata),
      })),
    })),
  }
}

/** The answer to a commit within a transaction, with an error for each offset. */
export function answerTransactionalCommit(
  { topics }: TxnOffsetCommitRequest,
  errorOf: (metadata: string | null) => number,
): TxnOffsetCommitResponse {
  return {
    throttleTimeMs: 0,
    topics: topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex, committedMetadata }) => ({
        partitionIndex,
        errorCode: errorOf(committedMetadata),
      })),
    })),
  }
}

/** Resolves to what each offset is to be answered with, by the metadata that goes with it. */
async function commit(
  shard: GroupShard,
  limits: Limits,
  given: Commit,
): Promise<(metadata: string | null) => number> {
  const refusal = check(shard, given, limits.apiVersion)
  if (refusal !== NONE) return () => refusal
  const isTooLong = (metadata: string | null): boolean =>
    metadata !== null && metadata.length > limits.offsetMetadataMaxBytes
  const accepted = given.topics.flatMap(({ name, topicId, partitions }) =>
    partitions
      .filter(({ committedMetadata }) => !isTooLong(committedMetadata))
      .map((partition) => ({
        topic: name,
        partition: partition.partitionIndex,
        committed: committedOffset(partition, topicId, given, limits.nowMs),
      })),
  )
  const errorCode = accepted.length === 0 ? NONE : await store(shard, given, accepted)
  return (metadata) => (isTooLong(metadata) ? errorCodes.OFFSET_METADATA_TOO_LARGE : errorCode)
}

function check(shard: GroupShard, { groupId, committer }: Commit, apiVersion: number): number {
  const entry = shard.groups.get(groupId)
  if (entry !== undefined) {
    const { errorCode, effects } = entry.group.commit(committer)
    shard.carryOut(entry, effects)
    return errorCode
  }
  // A group that only keeps offsets comes into being by its first commit.
  if (committer.generationId < 0) return NONE
  const isTold = !committer.isTransactional && apiVersion >= groupNotFoundVersion
  return isTold ? errorCodes.GROUP_ID_NOT_FOUND : errorCodes.ILLEGAL_GENERATION
}

function committedOffset(
  given: OffsetCommitRequest['topics'][number]['partitions'][number],
  topicId: string,
  { expireTimestampMs }: Commit,
  nowMs: number,
): CommittedOffset {
  return {
    offset: given.committedOffset,
    leaderEpoch: given.committedLeaderEpoch,
    metadata: given.committedMetadata ?? '',
    commitTimestampMs: nowMs,
    expireTimestampMs,
    topicId,
  }
}

function store(
  shard: GroupShard,
  { groupId, transaction }: Commit,
  accepted: readonly { topic: string; partition: number; committed: CommittedOffset }[],
): Promise<number> {
  const records: CoordinatorRecord[] = accepted.map(({ topic, partition, committed }) =>
    offsetRecord(groupId, topic, partition, committed),
  )
  const apply = (errorCode: number): void => {
    if (errorCode !== NONE) return
    for (const { topic, partition, committed } of accepted)
      shard.groups.commit(groupId, topic, partition, committed, transaction?.producerId)
  }
  return shard.append(groupId, records, apply, transaction)
}

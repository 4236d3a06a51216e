import type { TidemarkError } from '../../base/errors.ts'
import { errorCodes, isRetriable } from '../../wire/error-codes.ts'
import { KafkaError } from '../../wire/kafka-error.ts'
import { offsetCommitRequest, offsetCommitResponse } from '../../wire/messages/08-offset-commit.ts'
import {
  type OffsetFetchResponse,
  offsetFetchRequest,
  offsetFetchResponse,
} from '../../wire/messages/09-offset-fetch.ts'
import type { ClusterClient } from '../cluster/cluster-client.ts'
import type { TopicPartition } from '../cluster/cluster-metadata.ts'
import { responseError, throwResponseError } from '../cluster/response-error.ts'
import { retry } from '../cluster/retry.ts'
import { rpc } from '../network/rpc.ts'
import { byTopic, groupByTopic, partitionKey } from '../cluster/topic-partitions.ts'

/** Where a group is to go on in a partition. */
export interface OffsetToCommit extends TopicPartition {
  /** Of the next record to be read. */
  readonly offset: number
  /** Of the last record that was read (KIP-320). Default -1: not known. */
  readonly leaderEpoch?: number
  /** Whatever the application wants to find again. Default: the empty string. */
  readonly metadata?: string
}

/** Where a group goes on in a partition. */
export interface CommittedOffset extends TopicPartition {
  /** -1 when none was committed. */
  readonly offset: number
  /** -1 when it was not said. */
  readonly leaderEpoch: number
  readonly metadata: string | null
}

/** What has become of a commit in one partition. */
export interface CommitResult extends TopicPartition {
  /** Undefined when it holds. */
  readonly error: KafkaError | undefined
}

/** Who commits as a member of the group. */
export interface Committer {
  readonly memberId: string
  readonly generationId: number
  readonly groupInstanceId: string | null
}

/** How to commit. */
export interface CommitOptions {
  /** Default: nobody, which a group without members accepts. */
  readonly as?: Committer | undefined
  readonly signal?: AbortSignal | undefined
}

/** How to ask for offsets. */
export interface FetchOffsetsOptions {
  /** Waits until no transaction that commits such offsets is open (KIP-447). Default false. */
  readonly requireStable?: boolean
  readonly signal?: AbortSignal | undefined
}

// By name: from version 10 on topics have ids.
const offsetCommitApi = rpc(offsetCommitRequest, offsetCommitResponse, { maxVersion: 9 })
const offsetFetchApi = rpc(offsetFetchRequest, offsetFetchResponse, { maxVersion: 9 })
/** From this version on several groups are asked for at once (KIP-709). */
const severalSince = 8
const requireStableSince = 7
const nobody: Committer = { memberId: '', generationId: -1, groupInstanceId: null }

/** The offsets that a group has committed, for its members and for those who look after it from outside. */
export class GroupOffsets {
  readonly groupId: string
  readonly #client: ClusterClient

  constructor(client: ClusterClient, groupId: string) {
    this.#client = client
    this.groupId = groupId
  }

  /**
   * Commits, and again what could not be for reasons that may pass.
   *
   * @throws KafkaError of the first partition that was refused; ConnectionError, TimeoutError, the reason of `signal`
   */
  async commit(offsets: readonly OffsetToCommit[], options: CommitOptions = {}): Promise<void> {
    const results = await this.commitEach(offsets, options)
    const error = results.find((each) => each.error !== undefined)?.error
    if (error !== undefined) throw error
  }

  /**
   * As {@link commit}, but tells what has become of each partition.
   *
   * @throws what concerns the group as a whole: ConnectionError, TimeoutError, the reason of `signal`
   */
  async commitEach(offsets: readonly OffsetToCommit[], options: CommitOptions = {}): Promise<CommitResult[]> {
    const errors = new Map<string, KafkaError | undefined>()
    let left = offsets
    const attempt = async (): Promise<void> => {
      for (const [key, error] of await this.#askToCommit(left, options)) errors.set(key, error)
      left = left.filter((each) => isWorthRetrying(errors.get(partitionKey(each)), options))
      const [first] = left
      if (first !== undefined) throw errors.get(partitionKey(first))
    }
    if (offsets.length > 0)
      try {
        await this.#retry(attempt, options.signal)
      } catch (error) {
        // After the last attempt: each partition has its own, unless nobody could be asked.
        if (!(error instanceof KafkaError) || errors.size === 0) throw error
      }
    return offsets.map(({ topic, partition }) => ({
      ...{ topic, partition },
      error: errors.get(partitionKey({ topic, partition })),
    }))
  }

  /**
   * The offsets of `partitions`, in their order.
   *
   * @throws KafkaError of the first partition that cannot be told, and what {@link commit} throws
   */
  async fetch(
    partitions: readonly TopicPartition[],
    options: FetchOffsetsOptions = {},
  ): Promise<CommittedOffset[]> {
    if (partitions.length === 0) return []
    const told = await this.#askToFetch(partitions, options)
    const found = new Map(told.map((each) => [partitionKey(each), each]))
    return partitions.map(
      ({ topic, partition }) =>
        found.get(partitionKey({ topic, partition })) ?? {
          ...{ topic, partition, offset: -1, leaderEpoch: -1, metadata: null },
        },
    )
  }

  /**
   * All offsets that the group has committed, by topic and partition.
   *
   * @throws as {@link fetch} does
   */
  async all(options: FetchOffsetsOptions = {}): Promise<CommittedOffset[]> {
    const told = await this.#askToFetch(null, options)
    return told
      .filter(({ offset }) => offset >= 0)
      .toSorted((a, b) => (a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1))
  }

  async #askToCommit(
    offsets: readonly OffsetToCommit[],
    { as = nobody, signal }: CommitOptions,
  ): Promise<Map<string, KafkaError | undefined>> {
    const { memberId, generationId: generationIdOrMemberEpoch, groupInstanceId } = as
    const identity = { groupId: this.groupId, memberId, generationIdOrMemberEpoch, groupInstanceId }
    const topics = groupByTopic(offsets, ({ partition, offset, leaderEpoch = -1, metadata = '' }) => ({
      ...{ partitionIndex: partition, committedOffset: offset },
      ...{ committedLeaderEpoch: leaderEpoch, committedMetadata: metadata },
    })).map(({ topic, items }) => ({ name: topic, partitions: items }))
    const link = await this.#client.link({ group: this.groupId }, { signal })
    const callOptions = signal === undefined ? {} : { signal }
    const response = await link.call(offsetCommitApi, { ...identity, topics }, callOptions)
    const answers = new Map(
      response.topics.flatMap(({ name, partitions }) =>
        partitions.map((each) => [
          partitionKey({ topic: name, partition: each.partitionIndex }),
          each.errorCode,
        ]),
      ),
    )
    return new Map(
      offsets.map((each) => {
        const key = partitionKey(each)
        // What is not answered for must not pass for committed.
        const errorCode = answers.get(key) ?? errorCodes.UNKNOWN_SERVER_ERROR
        return [key, errorCode === errorCodes.NONE ? undefined : commitError(errorCode, this.groupId, each)]
      }),
    )
  }

  async #askToFetch(
    partitions: readonly TopicPartition[] | null,
    { requireStable = false, signal }: FetchOffsetsOptions,
  ): Promise<CommittedOffset[]> {
    const { groupId } = this
    const topics = partitions === null ? null : asTopics(partitions)
    return await this.#retry(async () => {
      const link = await this.#client.link({ group: groupId }, { signal })
      const response = await link.call(
        offsetFetchApi,
        (version) => ({
          ...(version >= severalSince ? { groups: [{ groupId, topics }] } : { groupId, topics }),
          requireStable: requireStable && version >= requireStableSince,
        }),
        signal === undefined ? {} : { signal },
      )
      return fetched(response, groupId)
    }, signal)
  }

  async #retry<T>(attempt: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    const { env, limits } = this.#client
    const onRetry = (error: TidemarkError): void => {
      if (isOfCoordinator(error)) this.#client.doubt({ group: this.groupId })
    }
    return await retry(attempt, { env, limits, signal, onRetry })
  }
}

function asTopics(partitions: readonly TopicPartition[]) {
  return byTopic(partitions).map(({ topic, partitions: numbers }) => ({
    name: topic,
    partitionIndexes: numbers,
  }))
}

function fetched(response: OffsetFetchResponse, groupId: string): CommittedOffset[] {
  const group = response.groups[0]
  throwResponseError(group?.errorCode ?? response.errorCode, `the offsets of group '${groupId}'`)
  return (group?.topics ?? response.topics).flatMap(({ name: topic, partitions }) =>
    partitions.map(({ partitionIndex: partition, errorCode, ...told }) => {
      throwResponseError(errorCode, `the offset of group '${groupId}' in ${topic}-${partition}`)
      const { committedOffset: offset, committedLeaderEpoch: leaderEpoch, metadata } = told
      return { topic, partition, offset, leaderEpoch, metadata }
    }),
  )
}

/** Whoever commits as a member has read from the topic: if the coordinator does not know it, it will soon. */
function isWorthRetrying(error: KafkaError | undefined, { as }: CommitOptions): boolean {
  if (error === undefined || !isRetriable(error.kafkaCode)) return false
  return as !== undefined || error.kafkaName !== 'UNKNOWN_TOPIC_OR_PARTITION'
}

/** Whether another coordinator may do better. */
function isOfCoordinator(error: TidemarkError): boolean {
  if (!(error instanceof KafkaError)) return true
  return ['COORDINATOR_NOT_AVAILABLE', 'NOT_COORDINATOR', 'REQUEST_TIMED_OUT'].includes(error.kafkaName)
}

const commitReasons: Partial<Record<KafkaError['kafkaName'], string>> = {
  ILLEGAL_GENERATION: 'the group has rebalanced, and the partition may be with another member',
  UNKNOWN_MEMBER_ID:
    'the group has removed this consumer, and its partitions are with others: it was silent for longer than session.timeout.ms or busy for longer than max.poll.interval.ms, or the group has members and this commit is from outside',
  FENCED_INSTANCE_ID: 'another consumer runs with the same group.instance.id',
  REBALANCE_IN_PROGRESS: 'the group is rebalancing: commit again once it has',
}

function commitError(errorCode: number, groupId: string, { topic, partition }: TopicPartition): KafkaError {
  const plain = responseError(errorCode, `commit of group '${groupId}' in ${topic}-${partition}`)
  const reason = commitReasons[plain.kafkaName]
  return reason === undefined ? plain : new KafkaError(plain.kafkaName, `${plain.message}: ${reason}`)
}

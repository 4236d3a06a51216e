import { listOffsetsRequest, listOffsetsResponse } from '../../wire/messages/02-list-offsets.ts'
import type { ClusterClient } from '../cluster/cluster-client.ts'
import type { TopicPartition } from '../cluster/cluster-metadata.ts'
import { retry } from '../cluster/retry.ts'
import { groupByTopic, partitionKey } from '../group/topic-partitions.ts'
import { rpc } from '../network/rpc.ts'
import type { BrokerLink } from '../network/transport.ts'
import { askLeaders, type Led, type Outcome } from './leader-calls.ts'

/** ListOffsets' timestamp for the end: the offset after the last record that consumers of the isolation level may see. */
export const latestTimestamp = -1
/** ListOffsets' timestamp for the first offset that is kept. */
export const earliestTimestamp = -2

/** The offset of a partition at a timestamp. */
export interface OffsetQuery extends TopicPartition {
  /** Milliseconds since 1970, {@link latestTimestamp} or {@link earliestTimestamp}. */
  readonly timestamp: number
}

/** What a query found. */
export interface FoundOffset {
  /** -1 when no record has that timestamp or a later one. */
  readonly offset: number
  /** The record's own; -1 when it was not asked for by time. */
  readonly timestamp: number
  /** Epoch of the leader that appended the record; -1 when it is not known. */
  readonly leaderEpoch: number
}

/** An int8 of Fetch and ListOffsets. */
export type IsolationByte = 0 | 1

const listOffsetsApi = rpc(listOffsetsRequest, listOffsetsResponse)
const consumerReplicaId = -1

/** Finds offsets by time, and where partitions begin and end. */
export class OffsetLookup {
  readonly #client: ClusterClient
  readonly #isolationLevel: IsolationByte
  readonly #purpose: string

  constructor(client: ClusterClient, options: { isolationLevel: IsolationByte; purpose: string }) {
    this.#client = client
    this.#isolationLevel = options.isolationLevel
    this.#purpose = options.purpose
  }

  /** Asks once. Whatever fails is in the outcomes. */
  async attempt<Q extends OffsetQuery>(
    queries: readonly Q[],
    signal?: AbortSignal,
  ): Promise<Outcome<Q, FoundOffset>[]> {
    return await askLeaders(this.#client, queries, {
      apiName: 'ListOffsets',
      purpose: this.#purpose,
      ask: async (link, led) => await this.#ask(link, led, signal),
      valueOf: ({ offset, timestamp, leaderEpoch }) => ({ offset, timestamp, leaderEpoch }),
      signal,
    })
  }

  /**
   * Asks, and again after errors that may pass. Results in the order of the queries.
   *
   * @throws KafkaError, ConnectionError, TimeoutError when one of them cannot be answered
   */
  async find<Q extends OffsetQuery>(
    queries: readonly Q[],
    signal?: AbortSignal,
  ): Promise<(Q & FoundOffset)[]> {
    const found = new Map<string, FoundOffset>()
    const attempt = async (): Promise<void> => {
      const open = queries.filter((query) => !found.has(partitionKey(query)))
      const outcomes = await this.attempt(open, signal)
      for (const outcome of outcomes)
        if ('value' in outcome) found.set(partitionKey(outcome.of), outcome.value)
      for (const outcome of outcomes) if (!('value' in outcome)) throw outcome.error
    }
    const { env, limits } = this.#client
    if (queries.length > 0) await retry(attempt, { env, limits, signal })
    return queries.map((query) => ({ ...query, ...(found.get(partitionKey(query)) ?? nothing) }))
  }

  async #ask(link: BrokerLink, led: readonly Led<OffsetQuery>[], signal: AbortSignal | undefined) {
    const topics = groupByTopic(
      led.map(({ of, leader }) => ({ ...of, currentLeaderEpoch: leader.leaderEpoch })),
      ({ partition: partitionIndex, currentLeaderEpoch, timestamp }) => ({
        ...{ partitionIndex, currentLeaderEpoch, timestamp },
      }),
    )
    const response = await link.call(
      listOffsetsApi,
      {
        replicaId: consumerReplicaId,
        isolationLevel: this.#isolationLevel,
        topics: topics.map(({ topic: name, items: partitions }) => ({ name, partitions })),
        timeoutMs: this.#client.limits.requestTimeoutMs,
      },
      signal === undefined ? {} : { signal },
    )
    return response.topics.flatMap(({ name: topic, partitions }) =>
      partitions.map(({ partitionIndex: partition, ...answer }) => ({ topic, partition, ...answer })),
    )
  }
}

const nothing: FoundOffset = { offset: -1, timestamp: -1, leaderEpoch: -1 }

import { listOffsetsRequest, listOffsetsResponse } from '../../wire/messages/02-list-offsets.ts'
import { groupByTopic, partitionKey } from './topic-partitions.ts'
import { rpc } from '../network/rpc.ts'
import type { BrokerLink, CallOptions } from '../network/transport.ts'
import type { ClusterClient } from './cluster-client.ts'
import type { TopicPartition } from './cluster-metadata.ts'
import { askEach, askEachOnce, type ItemCall, type Outcome } from './item-calls.ts'
import { leaderOf } from './leader-of.ts'
import type { Answered } from './response-error.ts'

/** ListOffsets' timestamp for the end: the offset after the last record that consumers of the isolation level may see. */
export const latestTimestamp = -1
/** ListOffsets' timestamp for the first offset that is kept. */
export const earliestTimestamp = -2
/** ListOffsets' timestamp for the record with the latest timestamp (KIP-734). */
export const maxTimestamp = -3

/** The offset of a partition at a timestamp. */
export interface OffsetQuery extends TopicPartition {
  /** Milliseconds since 1970, {@link latestTimestamp}, {@link earliestTimestamp} or {@link maxTimestamp}. */
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

/** An int8 of Fetch and ListOffsets: 1 is `read_committed`. */
export type IsolationByte = 0 | 1

interface OffsetAnswer extends FoundOffset, Answered {}

const listOffsetsApi = rpc(listOffsetsRequest, listOffsetsResponse)
/** Before this version the broker takes {@link maxTimestamp} for a time. */
const maxTimestampApi = rpc(listOffsetsRequest, listOffsetsResponse, { minVersion: 7 })
const consumerReplicaId = -1

/** How leaders are asked for offsets of their partitions. */
export function offsetCall(
  client: ClusterClient,
  isolationLevel: IsolationByte,
): ItemCall<OffsetQuery, OffsetAnswer> {
  return {
    targetOf: leaderOf,
    subjectOf: ({ topic, partition }) => `ListOffsets of ${topic}-${partition}`,
    ask: async (link, queries, options) => {
      const asked = roundsOf(queries).map((round) => askRound(client, link, round, isolationLevel, options))
      const answers = new Map((await Promise.all(asked)).flat())
      return queries.map((query) => answers.get(query))
    },
  }
}

/** Finds offsets by time, and where partitions begin and end. */
export class OffsetLookup {
  readonly #client: ClusterClient
  readonly #call: ItemCall<OffsetQuery, OffsetAnswer>
  readonly #purpose: string

  constructor(client: ClusterClient, options: { isolationLevel: IsolationByte; purpose: string }) {
    this.#client = client
    this.#call = offsetCall(client, options.isolationLevel)
    this.#purpose = options.purpose
  }

  /** Asks once. Whatever fails is in the outcomes. */
  async attempt<Q extends OffsetQuery>(
    queries: readonly Q[],
    signal?: AbortSignal,
  ): Promise<Outcome<Q, FoundOffset>[]> {
    return await askEachOnce<Q, OffsetAnswer>(this.#client, queries, this.#call, this.#options(signal))
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
    const outcomes = await askEach<Q, OffsetAnswer>(this.#client, queries, this.#call, this.#options(signal))
    return outcomes.map((outcome) => {
      if (!('value' in outcome)) throw outcome.error
      const { offset, timestamp, leaderEpoch } = outcome.value
      return { ...outcome.of, offset, timestamp, leaderEpoch }
    })
  }

  #options(signal: AbortSignal | undefined) {
    return { signal, purpose: this.#purpose }
  }
}

/** A partition may be asked for several times, but once in a request. */
function roundsOf(queries: readonly OffsetQuery[]): OffsetQuery[][] {
  const rounds: OffsetQuery[][] = []
  const counts = new Map<string, number>()
  for (const query of queries) {
    const key = partitionKey(query)
    const count = counts.get(key) ?? 0
    counts.set(key, count + 1)
    const round = (rounds[count] ??= [])
    round.push(query)
  }
  return rounds
}

async function askRound(
  client: ClusterClient,
  link: BrokerLink,
  queries: readonly OffsetQuery[],
  isolationLevel: IsolationByte,
  options: CallOptions,
): Promise<(readonly [OffsetQuery, OffsetAnswer | undefined])[]> {
  const topics = groupByTopic(queries, (query) => ({
    ...{ partitionIndex: query.partition, timestamp: query.timestamp },
    currentLeaderEpoch: client.topics.leaderEpochOf(query),
  }))
  const request = {
    ...{ replicaId: consumerReplicaId, isolationLevel, timeoutMs: client.limits.requestTimeoutMs },
    topics: topics.map(({ topic: name, items: partitions }) => ({ name, partitions })),
  }
  const isNewer = queries.some(({ timestamp }) => timestamp === maxTimestamp)
  const response = await link.call(isNewer ? maxTimestampApi : listOffsetsApi, request, options)
  const told = new Map(
    response.topics.flatMap(({ name: topic, partitions }) =>
      partitions.map((answer) => [partitionKey({ topic, partition: answer.partitionIndex }), answer]),
    ),
  )
  return queries.map((query) => [query, told.get(partitionKey(query))])
}

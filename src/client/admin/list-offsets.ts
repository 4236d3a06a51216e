import { listOffsetsRequest, listOffsetsResponse } from '../../wire/messages/02-list-offsets.ts'
import type { ClusterClient } from '../cluster/cluster-client.ts'
import type { TopicPartition } from '../cluster/cluster-metadata.ts'
import { rpc } from '../network/rpc.ts'
import type { BrokerLink, CallOptions } from '../network/transport.ts'
import { askForItems, inOrderOf } from './item-calls.ts'
import type { ItemOptions, ItemResult } from './item-results.ts'
import { leaderOf } from './leader-of.ts'
import { byTopic, flatPartitions, partitionName } from './partition-map.ts'

/**
 * A place in a partition: where it begins, where it ends, the record with the latest timestamp (KIP-734), or the first record
 * at or after a time in milliseconds since 1970.
 */
export type OffsetSpec = 'earliest' | 'latest' | 'maxTimestamp' | { readonly timestamp: number }

/** A place that is looked for in a partition. */
export interface OffsetQuery extends TopicPartition {
  readonly at: OffsetSpec
}

/** How offsets are listed. */
export interface ListOffsetsOptions extends ItemOptions {
  /** Which end `latest` is: `read_committed` takes the last stable offset, before the first open transaction. Default `read_uncommitted`. */
  readonly isolationLevel?: 'read_uncommitted' | 'read_committed'
}

/** What was found in a partition. */
export interface ListedOffset extends TopicPartition, ItemResult {
  /** -1 when there is no such record: none as late as was asked for, or none at all. */
  readonly offset: number
  /** Of the record that was found, in milliseconds since 1970; -1 where a place was asked for. */
  readonly timestamp: number
  /** Of the record that was found; -1 when the broker does not say. */
  readonly leaderEpoch: number
}

const listOffsetsApi = rpc(listOffsetsRequest, listOffsetsResponse)
const maxTimestampApi = rpc(listOffsetsRequest, listOffsetsResponse, { minVersion: 7 })
/** Timestamps that stand for places. */
const places = { latest: -1, earliest: -2, maxTimestamp: -3 } as const
const noReplica = -1
const isolationLevels = { read_uncommitted: 0, read_committed: 1 } as const

/** See `Admin.listOffsets`. */
export async function listOffsets(
  client: ClusterClient,
  queries: readonly OffsetQuery[],
  options: ListOffsetsOptions = {},
): Promise<ListedOffset[]> {
  const { isolationLevel = 'read_uncommitted' } = options
  const api = queries.some(({ at }) => at === 'maxTimestamp') ? maxTimestampApi : listOffsetsApi
  const head = {
    ...{ replicaId: noReplica, isolationLevel: isolationLevels[isolationLevel] },
    timeoutMs: client.limits.requestTimeoutMs,
  }
  const ask = async (link: BrokerLink, items: readonly OffsetQuery[], callOptions: CallOptions) => {
    const topics = byTopic(items, ({ partition, at }) => ({
      ...{ partitionIndex: partition, timestamp: timestampOf(at) },
    }))
    const answer = await link.call(api, { ...head, topics }, callOptions)
    const at = items[0]?.at ?? 'latest'
    return [...flatPartitions(answer.topics)].map(([name, found]) => [keyOf(name, at), found] as const)
  }
  return await askForItems(
    client,
    {
      items: queries,
      targetOf: (query) => leaderOf(client, query),
      subjectOf: partitionName,
      ask: async (link, items, callOptions) => {
        const rounds = [...new Set(items.map(({ at }) => timestampOf(at)))]
        const answers = await Promise.all(
          rounds.map((at) =>
            ask(
              link,
              items.filter((item) => timestampOf(item.at) === at),
              callOptions,
            ),
          ),
        )
        return inOrderOf(items, (item) => keyOf(partitionName(item), item.at), answers.flat())
      },
      fieldsOf: ({ topic, partition }, answer) => ({
        ...{ topic, partition, offset: answer?.offset ?? -1 },
        ...{ timestamp: answer?.timestamp ?? -1, leaderEpoch: answer?.leaderEpoch ?? -1 },
      }),
    },
    options,
  )
}

function timestampOf(at: OffsetSpec): number {
  return typeof at === 'string' ? places[at] : at.timestamp
}

/** A partition may be asked for several places, but once in a request. */
function keyOf(name: string, at: OffsetSpec): string {
  return `${name} ${timestampOf(at)}`
}

import type { ClusterClient } from '../cluster/cluster-client.ts'
import type { TopicPartition } from '../cluster/cluster-metadata.ts'
import { earliestTimestamp, latestTimestamp, maxTimestamp, offsetCall } from '../cluster/offset-lookup.ts'
import { askForItems } from './item-calls.ts'
import type { ItemOptions, ItemResult } from './item-results.ts'
import { partitionName } from './partition-map.ts'

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

/** Timestamps that stand for places. */
const places = { latest: latestTimestamp, earliest: earliestTimestamp, maxTimestamp } as const
const isolationLevels = { read_uncommitted: 0, read_committed: 1 } as const

/** See `Admin.listOffsets`. */
export async function listOffsets(
  client: ClusterClient,
  queries: readonly OffsetQuery[],
  options: ListOffsetsOptions = {},
): Promise<ListedOffset[]> {
  const { isolationLevel = 'read_uncommitted' } = options
  const items = queries.map(({ at, ...of }) => ({ ...of, timestamp: timestampOf(at) }))
  return await askForItems(
    client,
    {
      ...{ ...offsetCall(client, isolationLevels[isolationLevel]), items, subjectOf: partitionName },
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

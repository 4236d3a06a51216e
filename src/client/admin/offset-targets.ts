import type { ClusterClient } from '../cluster/cluster-client.ts'
import type { TopicPartition } from '../cluster/cluster-metadata.ts'
import type { AdminOptions, ItemResult } from './item-results.ts'
import { type ListedOffset, listOffsets, type OffsetSpec } from './list-offsets.ts'
import { PartitionMap } from './partition-map.ts'

/**
 * Where in a partition to go: to its first record, to its end, to the first record at or after a time in milliseconds since
 * 1970 (to the end if there is none), to an offset.
 */
export type OffsetTarget =
  | 'earliest'
  | 'latest'
  | { readonly timestamp: number }
  | { readonly offset: number }

/** A partition, and where to go in it. */
export interface TargetQuery extends TopicPartition {
  readonly to: OffsetTarget
}

/** The bounds of a partition, and where in it a target is. After an error the offsets mean nothing. */
export interface FoundTarget extends TopicPartition, ItemResult {
  readonly startOffset: number
  readonly endOffset: number
  /** What was asked for; it may lie outside the bounds. */
  readonly wantedOffset: number
  /** The nearest to it within the bounds. */
  readonly offset: number
}

/** Looks for places in partitions, each of which may fail for itself: nothing is thrown for one. */
export async function findTargets(
  client: ClusterClient,
  queries: readonly TargetQuery[],
  options: AdminOptions = {},
): Promise<FoundTarget[]> {
  const list = async (atOf: (to: OffsetTarget) => OffsetSpec | undefined) => {
    const places = queries.flatMap(({ topic, partition, to }) => {
      const at = atOf(to)
      return at === undefined ? [] : { topic, partition, at }
    })
    const found = new PartitionMap<ListedOffset>()
    for (const each of await listOffsets(client, places, { ...options, throwOnError: false }))
      found.set(each, each)
    return found
  }
  const [starts, ends, timed] = await Promise.all([
    list(() => 'earliest'),
    list(() => 'latest'),
    list((to) => (typeof to === 'object' && 'timestamp' in to ? to : undefined)),
  ])
  return queries.map((query) => targetOf(query, starts.get(query), ends.get(query), timed.get(query)))
}

function targetOf(
  { topic, partition, to }: TargetQuery,
  start: ListedOffset | undefined,
  end: ListedOffset | undefined,
  timed: ListedOffset | undefined,
): FoundTarget {
  const [startOffset, endOffset] = [start?.offset ?? -1, end?.offset ?? -1]
  const wantedOffset = wantedIn(to, startOffset, endOffset, timed?.offset)
  const offset = Math.min(Math.max(wantedOffset, startOffset), endOffset)
  const error = [start, end, timed].find((each) => each?.error !== undefined)?.error
  return {
    ...{ topic, partition, startOffset, endOffset, wantedOffset, offset },
    ...(error === undefined ? {} : { error }),
  }
}

function wantedIn(to: OffsetTarget, startOffset: number, endOffset: number, timed = -1): number {
  if (to === 'earliest') return startOffset
  if (to === 'latest') return endOffset
  if ('offset' in to) return to.offset
  // Nothing as late as the time that was asked for: the next record will be.
  return timed < 0 ? endOffset : timed
}

import type { TopicPartition } from '../../cluster/cluster-metadata.ts'
import { compareText } from '../assignor.ts'
import { partitionKey } from '../../cluster/topic-partitions.ts'

/**
 * Sticky assignment where all members want the same topics: everybody gets the same number of partitions, give or take
 * one, and keeps of what it had as many as that allows. Follows the order of Kafka's own sticky assignors.
 *
 * @param owned what each member had, in the order in which it is to be kept
 * @param partitions all of them, in the order in which they are to be given
 */
export function assignEvenly(
  owned: ReadonlyMap<string, readonly TopicPartition[]>,
  partitions: readonly TopicPartition[],
): Map<string, TopicPartition[]> {
  const minCount = Math.floor(partitions.length / owned.size)
  const kept = keepOwned(owned, minCount, partitions.length % owned.size)
  const keptKeys = new Set([...kept.lists.values()].flat().map(partitionKey))
  const free = partitions.filter((partition) => !keptKeys.has(partitionKey(partition)))
  for (const memberId of turns(kept, minCount)) {
    const partition = free.shift()
    if (partition === undefined) break
    kept.lists.get(memberId)?.push(partition)
  }
  return kept.lists
}

interface Kept {
  /** By member, in the order of their ids. */
  readonly lists: Map<string, TopicPartition[]>
  /** Those that may still get one more than the least. */
  readonly mayGetMore: readonly string[]
}

/** Lets every member keep the least that it is due, and so many of them one more. */
function keepOwned(
  owned: ReadonlyMap<string, readonly TopicPartition[]>,
  minCount: number,
  largerCount: number,
): Kept {
  const lists = new Map<string, TopicPartition[]>()
  const mayGetMore: string[] = []
  let largerLeft = largerCount
  for (const [memberId, partitions] of [...owned].toSorted(([a], [b]) => compareText(a, b))) {
    const isLarger = partitions.length > minCount && largerLeft > 0
    if (isLarger) largerLeft--
    else if (partitions.length >= minCount) mayGetMore.push(memberId)
    lists.set(memberId, partitions.slice(0, isLarger ? minCount + 1 : minCount))
  }
  return { lists, mayGetMore }
}

/** Whose turn it is: those with too few in turns until they have enough, then each that may get one more. */
function* turns({ lists, mayGetMore }: Kept, minCount: number): Generator<string> {
  const queue = [...mayGetMore]
  let poor = [...lists].filter(([, list]) => list.length < minCount).map(([memberId]) => memberId)
  while (poor.length > 0) {
    for (const memberId of poor) {
      yield memberId
      if (lists.get(memberId)?.length === minCount) queue.push(memberId)
    }
    poor = poor.filter((memberId) => (lists.get(memberId)?.length ?? 0) < minCount)
  }
  yield* queue
}

import type { TopicPartition } from './cluster-metadata.ts'

/** Partitions as Kafka's messages mostly have them: topic by topic. */
export interface TopicPartitions {
  readonly topic: string
  readonly partitions: readonly number[]
}

/** Gathers the partitions of each topic, or what `toItem` makes of them; topics in the order of their first ones. */
export function groupByTopic<P extends TopicPartition, Item>(
  partitions: Iterable<P>,
  toItem: (partition: P) => Item,
): { topic: string; items: Item[] }[] {
  const groups = new Map<string, Item[]>()
  for (const each of partitions) {
    const items = groups.get(each.topic)
    if (items === undefined) groups.set(each.topic, [toItem(each)])
    else items.push(toItem(each))
  }
  return [...groups].map(([topic, items]) => ({ topic, items }))
}

export function byTopic(partitions: Iterable<TopicPartition>): { topic: string; partitions: number[] }[] {
  return groupByTopic(partitions, ({ partition }) => partition).map(({ topic, items }) => ({
    topic,
    partitions: items,
  }))
}

/** The other way round. */
export function flattened(topics: readonly TopicPartitions[]): TopicPartition[] {
  return topics.flatMap(({ topic, partitions }) => partitions.map((partition) => ({ topic, partition })))
}

/** Partitions of `these` that are not among `others`. */
export function without(
  these: readonly TopicPartition[],
  others: readonly TopicPartition[],
): TopicPartition[] {
  const keys = new Set(others.map(partitionKey))
  return these.filter((each) => !keys.has(partitionKey(each)))
}

/** Tells partitions apart in maps and sets. A topic's name has no blank. */
export function partitionKey({ topic, partition }: TopicPartition): string {
  return `${topic} ${partition}`
}

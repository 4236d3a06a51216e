import type { TopicPartition } from '../cluster/cluster-metadata.ts'
import { groupByTopic } from '../cluster/topic-partitions.ts'

/** A value for each of many partitions. */
export class PartitionMap<Value> {
  readonly #values = new Map<string, Value>()

  get(partition: TopicPartition): Value | undefined {
    return this.#values.get(partitionName(partition))
  }

  set(partition: TopicPartition, value: Value): void {
    this.#values.set(partitionName(partition), value)
  }
}

/** `orders-0`, as Kafka names a partition. */
export function partitionName({ topic, partition }: TopicPartition): string {
  return `${topic}-${partition}`
}

/** Items under the names of their topics, as requests mostly have them. */
export function byTopic<Item extends TopicPartition, Value>(
  items: readonly Item[],
  valueOf: (item: Item) => Value,
): { name: string; partitions: Value[] }[] {
  return groupByTopic(items, valueOf).map((group) => ({ name: group.topic, partitions: group.items }))
}

/** What responses tell of partitions, under the names of their topics: all in one row, each with what it is about. */
export function* flatPartitions<Value extends { readonly partitionIndex: number }>(
  topics: Iterable<{ readonly name: string; readonly partitions: readonly Value[] }>,
): Generator<readonly [name: string, value: Value & TopicPartition]> {
  for (const { name: topic, partitions } of topics)
    for (const value of partitions) {
      const of = { topic, partition: value.partitionIndex }
      yield [partitionName(of), { ...value, ...of }]
    }
}

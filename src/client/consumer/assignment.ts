import type { TopicPartition } from '../cluster/cluster-metadata.ts'
import { partitionKey } from '../cluster/topic-partitions.ts'
import { AssignedPartition } from './assigned-partition.ts'

/** The partitions that a consumer reads now. */
export class Assignment<K, V> implements Iterable<AssignedPartition<K, V>> {
  readonly #partitions = new Map<string, AssignedPartition<K, V>>()

  get size(): number {
    return this.#partitions.size
  }

  find(of: TopicPartition): AssignedPartition<K, V> | undefined {
    return this.#partitions.get(partitionKey(of))
  }

  /** @throws RangeError for one that is not assigned */
  get(of: TopicPartition): AssignedPartition<K, V> {
    const found = this.find(of)
    if (found !== undefined) return found
    throw new RangeError(`${of.topic}-${of.partition} is not assigned to this consumer: see assignment()`)
  }

  /** Whether `partition` is still what it was when it was looked up: it may have gone, and even come back. */
  holds(partition: AssignedPartition<K, V>): boolean {
    return this.find(partition) === partition
  }

  /** Adds what is not there yet; returns what was added. */
  add(partitions: Iterable<TopicPartition>): AssignedPartition<K, V>[] {
    const added: AssignedPartition<K, V>[] = []
    for (const each of partitions) {
      if (this.find(each) !== undefined) continue
      const partition = new AssignedPartition<K, V>(each)
      this.#partitions.set(partitionKey(each), partition)
      added.push(partition)
    }
    return added
  }

  remove(partitions: Iterable<TopicPartition>): void {
    for (const each of partitions) {
      const gone = this.find(each)
      if (gone === undefined) continue
      // Whoever still holds it gets nothing more of it.
      gone.isHeld = true
      gone.demand({ kind: 'committed' })
      this.#partitions.delete(partitionKey(each))
    }
  }

  /** Those of `partitions` that are assigned. */
  among(partitions: Iterable<TopicPartition>): AssignedPartition<K, V>[] {
    return [...partitions].flatMap((each) => this.find(each) ?? [])
  }

  [Symbol.iterator](): IterableIterator<AssignedPartition<K, V>> {
    return this.#partitions.values()
  }

  toTopicPartitions(): TopicPartition[] {
    return [...this].map(({ topic, partition }) => ({ topic, partition }))
  }
}

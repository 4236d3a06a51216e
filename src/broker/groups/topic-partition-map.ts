/** Something for each of some partitions of some topics. */
export class TopicPartitionMap<T> {
  readonly #topics = new Map<string, Map<number, T>>()
  #count = 0

  get count(): number {
    return this.#count
  }

  get(topic: string, partition: number): T | undefined {
    return this.#topics.get(topic)?.get(partition)
  }

  set(topic: string, partition: number, value: T): void {
    let partitions = this.#topics.get(topic)
    if (partitions === undefined) this.#topics.set(topic, (partitions = new Map()))
    if (!partitions.has(partition)) this.#count++
    partitions.set(partition, value)
  }

  delete(topic: string, partition: number): void {
    const partitions = this.#topics.get(topic)
    if (partitions?.delete(partition) !== true) return
    this.#count--
    if (partitions.size === 0) this.#topics.delete(topic)
  }

  *[Symbol.iterator](): Generator<readonly [topic: string, partition: number, value: T]> {
    for (const [topic, partitions] of this.#topics)
      for (const [partition, value] of partitions) yield [topic, partition, value]
  }

  /** By topic. */
  get topics(): ReadonlyMap<string, ReadonlyMap<number, T>> {
    return this.#topics
  }
}

import { TopicPartitionMap } from './topic-partition-map.ts'

/** How far a group has come in a partition. Times in milliseconds since 1970. */
export interface CommittedOffset {
  /** The offset of the record to be read next. */
  readonly offset: number
  /** The leader epoch of the last record that was read, or -1. */
  readonly leaderEpoch: number
  /** Whatever the committer has added. */
  readonly metadata: string
  readonly commitTimestampMs: number
  /** When the committer wanted it to expire, or -1 for the retention that is configured. */
  readonly expireTimestampMs: number
  readonly topicId: string
}

interface Numbered {
  readonly committed: CommittedOffset
  /** In the order of the log. */
  readonly number: number
}

/** The offsets that a group has committed, and those that wait for the end of a transaction. */
export class GroupOffsets {
  readonly #committed = new TopicPartitionMap<Numbered>()
  /** By the id of the transaction's producer. */
  readonly #pending = new Map<number, TopicPartitionMap<Numbered>>()
  #lastNumber = 0

  /** How many partitions have a committed offset. */
  get count(): number {
    return this.#committed.count
  }

  /** Whether it belongs to any transaction that is open. */
  get hasOpenTransactions(): boolean {
    return this.#pending.size > 0
  }

  get isEmpty(): boolean {
    return this.count === 0 && !this.hasOpenTransactions
  }

  /** Whether the group has ever committed, so far as is known: it outlives the last of its offsets for a while. */
  get hasCommitted(): boolean {
    return this.#lastNumber > 0
  }

  /** Undefined where nothing is committed. */
  get(topic: string, partition: number): CommittedOffset | undefined {
    return this.#committed.get(topic, partition)?.committed
  }

  /** What is committed, by topic and partition. */
  get topics(): ReadonlyMap<string, ReadonlyMap<number, unknown>> {
    return this.#committed.topics
  }

  /** Whether a transaction that is open is about to change the offset. */
  isPending(topic: string, partition: number): boolean {
    for (const offsets of this.#pending.values()) if (offsets.get(topic, partition) !== undefined) return true
    return false
  }

  /** Takes an offset that is in the log; with a `producerId`, as part of a transaction. Calls follow the order of the log. */
  commit(topic: string, partition: number, committed: CommittedOffset, producerId?: number): void {
    const numbered = { committed, number: ++this.#lastNumber }
    if (producerId === undefined) this.#committed.set(topic, partition, numbered)
    else this.#pendingOf(producerId).set(topic, partition, numbered)
  }

  /** A transaction has ended. An offset that was committed after it was taken into the transaction stays. */
  endTransaction(producerId: number, isCommitted: boolean): void {
    const offsets = this.#pending.get(producerId)
    this.#pending.delete(producerId)
    if (offsets === undefined || !isCommitted) return
    for (const [topic, partition, numbered] of offsets) {
      const current = this.#committed.get(topic, partition)
      if (current === undefined || current.number < numbered.number)
        this.#committed.set(topic, partition, numbered)
    }
  }

  /** Also takes it out of the transactions that are open. */
  delete(topic: string, partition: number): void {
    this.#committed.delete(topic, partition)
    for (const [producerId, offsets] of this.#pending) {
      offsets.delete(topic, partition)
      if (offsets.count === 0) this.#pending.delete(producerId)
    }
  }

  *[Symbol.iterator](): Generator<readonly [topic: string, partition: number, committed: CommittedOffset]> {
    for (const [topic, partition, { committed }] of this.#committed) yield [topic, partition, committed]
  }

  /** The partitions that have an offset, committed or about to be, each once. */
  partitions(): [topic: string, partition: number][] {
    const all = new TopicPartitionMap<true>()
    for (const offsets of [this.#committed, ...this.#pending.values()])
      for (const [topic, partition] of offsets) all.set(topic, partition, true)
    return [...all].map(([topic, partition]) => [topic, partition])
  }

  #pendingOf(producerId: number): TopicPartitionMap<Numbered> {
    let offsets = this.#pending.get(producerId)
    if (offsets === undefined) this.#pending.set(producerId, (offsets = new TopicPartitionMap()))
    return offsets
  }
}

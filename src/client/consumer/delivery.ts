import type { AssignedPartition } from './assigned-partition.ts'
import type { Assignment } from './assignment.ts'
import type { ConsumedBatch, ConsumedRecord } from './consumed-record.ts'

/** What a {@link Delivery} works with. */
export interface DeliveryOptions<K, V> {
  readonly assignment: Assignment<K, V>
  /** Most records that are decoded at once, and that a batch has. */
  readonly maxPollRecords: number
  /** What interceptors make of records before they are handed out. */
  readonly intercept: (records: ConsumedRecord<K, V>[]) => readonly ConsumedRecord<K, V>[]
  /** Called when a partition has room for more. It offers again what is left. */
  readonly onDrained: () => void
}

/**
 * Hands out what was fetched, one partition's answer after the other, and keeps count of what the application has: a record is
 * *handed* when it was given out, and *done* when the application came back for the next.
 */
export class Delivery<K, V> {
  readonly #options: DeliveryOptions<K, V>
  /** Partitions that may have something to hand out, in the order of their turns. */
  readonly #ready = new Set<AssignedPartition<K, V>>()
  #current: AssignedPartition<K, V> | undefined

  /** Whose records the application has in hand, and where they begin. */
  #hand: AssignedPartition<K, V> | undefined
  #handOffset = -1
  #handJumpCount = -1
  #isHandUnreadable = false

  #isIterating = false
  #isClosed = false
  #fatal: { readonly error: unknown } | undefined
  #raised: unknown[] = []
  /** Who waits for something to be handed out, and who for what is in hand to be done. */
  #waiting: (() => void) | undefined
  #onDone: (() => void)[] = []

  constructor(options: DeliveryOptions<K, V>) {
    this.#options = options
  }

  /** Whether there will never be anything more to hand out. */
  get isClosed(): boolean {
    return this.#isClosed
  }

  /** Whether somebody takes what there is, or waits for it. */
  get isIterating(): boolean {
    return this.#isIterating
  }

  /** Whether somebody waits for something to take. */
  get isWaiting(): boolean {
    return this.#waiting !== undefined
  }

  /**
   * Somebody begins to take.
   *
   * @throws TypeError when somebody does already
   */
  begin(): void {
    if (this.#isIterating)
      throw new TypeError(
        'this consumer is being iterated already: end that loop first, or use two consumers',
      )
    this.#isIterating = true
  }

  /** Who took has ended. What is in hand is not done, and never will be; what could not be read comes again. */
  end(): void {
    this.#isIterating = false
    const hand = this.#heldInHand()
    if (this.#isHandUnreadable && hand !== undefined) {
      hand.moveTo({ offset: this.#handOffset, leaderEpoch: -1 })
      this.#options.onDrained()
    }
    this.#isHandUnreadable = false
    this.#tellDone()
  }

  /** Whoever takes came back for more: what was in hand is done. */
  cameBack(): void {
    this.#hand = undefined
    this.#isHandUnreadable = false
    if (this.#onDone.length > 0) this.#tellDone()
  }

  /** What is in hand of `partition` cannot be deserialized. */
  markUnreadable(partition: AssignedPartition<K, V>): void {
    if (this.#hand === partition) this.#isHandUnreadable = true
  }

  /** Offsets up to `offset` were committed on demand: of what is in hand, the application says that it is done so far. */
  markDone(partition: AssignedPartition<K, V>, offset: number): void {
    if (this.#heldInHand() !== partition || offset > partition.offset) return
    this.#handOffset = Math.max(this.#handOffset, offset)
  }

  /** The offset up to which the application is done with `partition`; -1 while there is no position. */
  doneOffset(partition: AssignedPartition<K, V>): number {
    return this.#heldInHand() === partition ? this.#handOffset : partition.offset
  }

  /** Resolves when nothing of `partitions` is in hand any more, or nobody will come back to say so. */
  async whenDone(partitions: readonly AssignedPartition<K, V>[]): Promise<void> {
    const hand = this.#heldInHand()
    const isExpected = this.#isIterating && !this.#isClosed && this.#fatal === undefined
    if (!isExpected || hand === undefined || !partitions.includes(hand)) return
    await new Promise<void>((resolve) => this.#onDone.push(resolve))
  }

  /**
   * The next record; undefined when there is none now.
   *
   * @throws what partitions, or the consumer, have to tell
   */
  takeRecord(): ConsumedRecord<K, V> | undefined {
    const partition = this.#nextPartition()
    const record = partition?.chunk[partition.chunkIndex]
    if (partition === undefined || record === undefined) return undefined
    partition.chunkIndex++
    this.#handOut(partition, record)
    return record
  }

  /** The next records of one partition; undefined when there are none now. Throws as {@link takeRecord} does. */
  takeBatch(): ConsumedBatch<K, V> | undefined {
    const partition = this.#nextPartition()
    const records = partition?.chunk.slice(partition.chunkIndex)
    const last = records?.at(-1)
    if (partition === undefined || records === undefined || last === undefined) return undefined
    partition.chunkIndex = partition.chunk.length
    this.#handOut(partition, last)
    const { topic, partition: index, highWatermark } = partition
    return { topic, partition: index, records, highWatermark, lastOffset: last.offset }
  }

  /** Looks through the partitions for something to hand out, and wakes who waits for it. */
  offer(): void {
    for (const partition of this.#options.assignment) if (partition.hasNews) this.#ready.add(partition)
    const isNews = this.#ready.size > 0 || this.#raised.length > 0 || this.#fatal !== undefined
    if (isNews || this.#isClosed) this.wake()
  }

  /** Resolves when there may be something to hand out. */
  async news(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#waiting = resolve
    })
  }

  /** Something that the application hears once, instead of the next record. */
  raise(error: unknown): void {
    this.#raised.push(error)
    this.wake()
  }

  /** Something after which there is no going on: whoever wants more hears it. Of several the first counts. */
  fail(error: unknown): void {
    this.#fatal ??= { error }
    this.wake()
    this.#tellDone()
  }

  /** There is nothing more to come. Who waits hears so. */
  close(): void {
    this.#isClosed = true
    this.wake()
    this.#tellDone()
  }

  /** @throws the error after which there is no going on, if there was one */
  throwIfFailed(): void {
    if (this.#fatal !== undefined) throw this.#fatal.error
  }

  /** Ends the waiting in {@link news}, whether there are any or not. */
  wake(): void {
    const waiting = this.#waiting
    this.#waiting = undefined
    waiting?.()
  }

  #tellDone(): void {
    const told = this.#onDone
    this.#onDone = []
    for (const tell of told) tell()
  }

  /** Whose records are in hand, unless the position was moved since: then they do not matter any more. */
  #heldInHand(): AssignedPartition<K, V> | undefined {
    return this.#hand?.jumpCount === this.#handJumpCount ? this.#hand : undefined
  }

  #handOut(partition: AssignedPartition<K, V>, last: ConsumedRecord<K, V>): void {
    this.#hand = partition
    this.#handOffset = partition.offset
    this.#handJumpCount = partition.jumpCount
    partition.offset = last.offset + 1
    partition.leaderEpoch = last.leaderEpoch
  }

  /** A partition with decoded records that are not handed out. */
  #nextPartition(): AssignedPartition<K, V> | undefined {
    this.throwIfFailed()
    if (this.#isClosed) return undefined
    const current = this.#current
    if (current?.isOpen === true && current.chunkIndex < current.chunk.length) return current
    if (this.#raised.length > 0) throw this.#raised.shift()
    for (const partition of this.#ready) {
      if (partition.isHeld || partition.isPaused) this.#ready.delete(partition)
      else if (partition.error !== undefined) throw partition.error
      else if (partition.isOpen && this.#decode(partition)) {
        this.#current = partition
        return partition
      }
    }
    this.#current = undefined
    return undefined
  }

  /** Decodes the next records of `partition`, if it has none. False when there are none left, or it is the turn of others. */
  #decode(partition: AssignedPartition<K, V>): boolean {
    const { maxPollRecords, intercept, onDrained } = this.#options
    while (partition.chunkIndex >= partition.chunk.length) {
      const fetched = partition.fetched[0]
      const records = fetched && this.#read(partition, () => fetched.nextChunk(maxPollRecords))
      partition.chunkIndex = 0
      partition.chunk = records === undefined ? [] : intercept(records)
      if (records !== undefined) continue
      this.#ready.delete(partition)
      if (fetched === undefined) return false
      partition.fetched.shift()
      partition.offset = fetched.endOffset
      partition.leaderEpoch = fetched.endLeaderEpoch
      onDrained()
      return false
    }
    return true
  }

  /** What cannot be read stays where it is, and is told again and again until the application seeks elsewhere. */
  #read<T>(partition: AssignedPartition<K, V>, read: () => T): T {
    try {
      return read()
    } catch (error) {
      partition.error = error instanceof Error ? error : new Error(String(error))
      throw error
    }
  }
}

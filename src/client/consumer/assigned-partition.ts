import type { TopicPartition } from '../cluster/cluster-metadata.ts'
import type { ConsumedRecord } from './consumed-record.ts'
import type { FetchedRecords } from './fetched-records.ts'

/** What has to be found out before a partition can be fetched from. */
export type PositionWant =
  /** Where the group left off. Without that, `autoOffsetReset` decides. */
  | { readonly kind: 'committed' }
  /** What `autoOffsetReset` says: there is no committed offset, or the log does not have it any more. `reason` is for the error. */
  | { readonly kind: 'reset'; readonly reason: string }
  /** The first record of at least this time, or ListOffsets' own -1 for the end and -2 for the beginning. */
  | { readonly kind: 'timestamp'; readonly timestamp: number }
  /** Whether the log of a new leader still has what was read up to here (KIP-320). */
  | { readonly kind: 'validation' }

/** Who leads a partition, as far as the consumer has heard. */
export interface PartitionLeader {
  readonly nodeId: number
  /** -1 when the broker tells none. */
  readonly epoch: number
  readonly topicId: string
}

/** An offset, and the epoch of the leader that appended the record before it; -1 when that is not known. */
export interface Position {
  readonly offset: number
  readonly leaderEpoch: number
}

/**
 * A partition that a consumer reads: how far it has come, what was fetched ahead, and what keeps it from going on. Everything here
 * is synchronous; who holds it over an await looks at {@link version} to see whether it was moved meanwhile.
 */
export class AssignedPartition<K = unknown, V = unknown> implements TopicPartition {
  readonly topic: string
  readonly partition: number

  /** Where the application is: after the last record handed out. -1 until it is known. */
  offset = -1
  /** Epoch of the leader that appended the last record handed out; -1 when it is not known. */
  leaderEpoch = -1
  /** Where the next fetch begins: after what was fetched ahead. */
  fetchOffset = -1
  /** Undefined: nothing is wanted, and {@link offset} is good. */
  want: PositionWant | undefined = { kind: 'committed' }
  /** Undefined: to be asked for. */
  leader: PartitionLeader | undefined
  /** The last leader epoch with which the position was found good; -1 for none. */
  validatedEpoch = -1
  /** Grows whenever what was fetched is dropped: answers to older questions are of no use then. */
  version = 0
  /** Grows whenever reading is to go on elsewhere: what the application has in hand does not count then. */
  jumpCount = 0

  /** The application wants nothing of it for now. */
  isPaused = false
  /** It comes to or goes from this consumer: nothing is handed out or fetched. */
  isHeld = false
  /** Somebody is finding out what it wants. */
  isBusy = false
  /** What the application has to hear before anything else of this partition. */
  error: Error | undefined

  /** What was fetched, in order: the first is being handed out. */
  readonly fetched: FetchedRecords<K, V>[] = []
  /** Decoded, and not handed out before {@link chunkIndex}. */
  chunk: readonly ConsumedRecord<K, V>[] = []
  chunkIndex = 0

  highWatermark = -1
  lastStableOffset = -1
  logStartOffset = -1
  /** What was last committed, so that the same is not committed again; -1 for nothing. */
  committedOffset = -1

  /** Failures in a row, and until when to wait because of them. */
  failureCount = 0
  retryAtMs = 0

  constructor({ topic, partition }: TopicPartition) {
    this.topic = topic
    this.partition = partition
  }

  /** `topic-partition`, as Kafka writes it. */
  get name(): string {
    return `${this.topic}-${this.partition}`
  }

  /** Whether the application may get records of it now. */
  get isOpen(): boolean {
    return !this.isPaused && !this.isHeld && this.want === undefined
  }

  /** Whether there is something to hand out: records, or an error. */
  get hasNews(): boolean {
    return this.error !== undefined || this.chunkIndex < this.chunk.length || this.fetched.length > 0
  }

  get bufferedBytes(): number {
    let bytes = 0
    for (const { sizeBytes } of this.fetched) bytes += sizeBytes
    return bytes
  }

  /** Goes on reading at `position`; what was fetched is dropped. */
  moveTo({ offset, leaderEpoch }: Position): void {
    this.jumpCount++
    this.#startAnew()
    this.offset = offset
    this.fetchOffset = offset
    this.leaderEpoch = leaderEpoch
    this.want = undefined
  }

  /** The position is to be found out; what was fetched is dropped. */
  demand(want: PositionWant): void {
    this.jumpCount++
    this.#startAnew()
    this.want = want
  }

  /** The position may not hold with the new leader: to be asked before anything else is fetched or handed out. */
  demandValidation(): void {
    if (this.want !== undefined) return
    this.#startAnew()
    this.want = { kind: 'validation' }
  }

  /** The position is good with the leader of `leaderEpoch`. */
  validated(leaderEpoch: number): void {
    this.validatedEpoch = leaderEpoch
    this.fetchOffset = this.offset
    this.want = undefined
  }

  #startAnew(): void {
    this.version++
    this.error = undefined
    this.fetched.length = 0
    this.chunk = []
    this.chunkIndex = 0
    this.failureCount = 0
    this.retryAtMs = 0
  }
}

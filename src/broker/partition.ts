import type { TidemarkError } from '../base/errors.ts'
import { WatchList } from '../base/watch-list.ts'
import type { PartitionView } from '../cluster/cluster-view.ts'
import type { Clock } from '../env/env.ts'
import type { ReadMemory } from '../log/log-reader.ts'
import type { AppendResult } from '../log/log-writer.ts'
import type { PartitionLog } from '../log/partition-log.ts'
import type { AbortedTransaction } from '../log/transaction-index.ts'
import { KafkaError } from '../wire/kafka-error.ts'
import type { TopicConfig } from './config/declared-configs.ts'
import { delayOperation, type Watchable } from './delayed-operation.ts'
import { toStoredBatch } from './stored-batch.ts'
import type { Timers } from '../env/timers.ts'

/** How far a reader may see: all that is replicated, or only what no open transaction holds back (KIP-98). */
export type IsolationLevel = 'read_uncommitted' | 'read_committed'

/** The isolation level that a request states as 0 or 1. */
export function isolationLevel(code: number): IsolationLevel {
  return code === 1 ? 'read_committed' : 'read_uncommitted'
}

/** How many replicas have to have an append before it is acknowledged: none, the leader, or all in sync. */
export type RequiredAcks = 0 | 1 | -1

export interface AppendRequest {
  readonly requiredAcks: RequiredAcks
  /** How long an append waits for the replicas. */
  readonly timeoutMs: number
  /** Brokers alone write control batches. Default false. */
  readonly allowControl?: boolean
}

export interface ReadRequest {
  readonly offset: number
  readonly maxBytes: number
  /** Whether the first batch is read although it is larger than `maxBytes`. */
  readonly atLeastOneBatch: boolean
  readonly isolation: IsolationLevel
  /** What the records are read to. Default: memory of their own. */
  readonly memory?: ReadMemory
}

/** What a fetch gets of one partition. */
export interface ReadOutcome {
  /** Whole batches as they are stored. */
  readonly records: Buffer
  /** Offset after the last of them. */
  readonly nextOffset: number
  readonly highWatermark: number
  readonly lastStableOffset: number
  readonly logStartOffset: number
  /** Under `read_committed`: whose records among them are to be left out. */
  readonly abortedTransactions: readonly AbortedTransaction[]
}

/** An offset as ListOffsets answers it; -1 stands for none. */
export interface FoundOffset {
  readonly offset: number
  readonly timestamp: number
  readonly leaderEpoch: number
}

const nothingFound: FoundOffset = { offset: -1, timestamp: -1, leaderEpoch: -1 }

/** What a partition needs from the broker around it. */
export interface PartitionContext {
  readonly brokerId: number
  readonly clock: Clock
  readonly timers: Timers
  /** How a topic is configured now. */
  readonly topicConfig: (topic: string) => TopicConfig
}

/**
 * One replica of a partition on this broker: its log, who leads it, and how far it is replicated. The high watermark
 * is the end of what every replica in sync has; consumers see nothing beyond it.
 */
export class Partition implements Watchable {
  readonly topic: string
  readonly topicId: string
  readonly index: number
  readonly log: PartitionLog
  readonly #context: PartitionContext
  readonly #watchers = new WatchList()
  readonly #unwatchLog: () => void
  #view: PartitionView
  #highWatermark: number
  #appendedBytes = 0

  constructor(given: {
    topic: string
    topicId: string
    log: PartitionLog
    view: PartitionView
    context: PartitionContext
  }) {
    this.topic = given.topic
    this.topicId = given.topicId
    this.index = given.view.partition
    this.log = given.log
    this.#view = given.view
    this.#context = given.context
    this.#highWatermark = given.log.startOffset
    this.#advance()
    this.#unwatchLog = given.log.state.watch(() => {
      this.#advance()
      this.#watchers.wake()
    })
  }

  // --- who leads -----------------------------------------------------------------------------------------

  get view(): PartitionView {
    return this.#view
  }

  get leaderEpoch(): number {
    return this.#view.leaderEpoch
  }

  get isLeader(): boolean {
    return this.#view.leader === this.#context.brokerId
  }

  /** Takes up who leads now. The new leader begins its epoch at the end of its log, durably, before it appends. */
  async follow(view: PartitionView): Promise<void> {
    const isLeading = view.leader === this.#context.brokerId
    if (isLeading && this.log.leaderEpoch < view.leaderEpoch) await this.log.beginEpoch(view.leaderEpoch)
    this.#view = view
    this.#advance()
    this.#watchers.wake()
  }

  /**
   * @throws KafkaError NOT_LEADER_OR_FOLLOWER; FENCED_LEADER_EPOCH when the client knows an older leader than this one,
   *   UNKNOWN_LEADER_EPOCH when it knows a newer; -1 is for clients that know none (KIP-320)
   */
  mustLead(currentLeaderEpoch = -1): void {
    if (!this.isLeader)
      throw new KafkaError('NOT_LEADER_OR_FOLLOWER', `broker ${this.#view.leader} leads ${this.name}`)
    if (currentLeaderEpoch < 0 || currentLeaderEpoch === this.leaderEpoch) return
    throw new KafkaError(
      currentLeaderEpoch < this.leaderEpoch ? 'FENCED_LEADER_EPOCH' : 'UNKNOWN_LEADER_EPOCH',
      `${this.name} is in leader epoch ${this.leaderEpoch}, and the request is of ${currentLeaderEpoch}`,
    )
  }

  get name(): string {
    return `${this.topic}-${this.index}`
  }

  // --- appending -----------------------------------------------------------------------------------------

  /**
   * Appends the one batch in `records` as the leader. The buffer belongs to the log until the promise settles: offsets
   * and epoch are written into it. Resolves when it is acknowledged: by the disk as the log's durability says, and,
   * with `requiredAcks` -1, by all replicas in sync.
   *
   * @throws KafkaError NOT_LEADER_OR_FOLLOWER, NOT_ENOUGH_REPLICAS, NOT_ENOUGH_REPLICAS_AFTER_APPEND, REQUEST_TIMED_OUT
   * @throws TidemarkError as `toStoredBatch` and `PartitionLog.append` do
   */
  async append(records: Buffer, request: AppendRequest): Promise<AppendResult> {
    const { requiredAcks, allowControl = false } = request
    this.mustLead()
    if (requiredAcks === -1) this.#mustHaveReplicas('NOT_ENOUGH_REPLICAS')
    const { log } = this
    const batch = toStoredBatch(records, {
      log: log.state.config,
      topic: this.#context.topicConfig(this.topic),
      nowMs: this.#context.clock.nowMs(),
      allowControl,
    })
    const result = await log.append(batch)
    if (!result.duplicate) this.#count(batch.sizeBytes)
    if (requiredAcks === -1) {
      if (!this.#isReplicated(result.lastOffset))
        await this.#awaitReplicas(result.lastOffset, request.timeoutMs)
      this.#mustHaveReplicas('NOT_ENOUGH_REPLICAS_AFTER_APPEND')
    }
    return result
  }

  /** Those who wait were woken as the batch became visible, and could not tell yet how large it is. */
  #count(appendedBytes: number): void {
    this.#appendedBytes += appendedBytes
    this.#watchers.wake()
  }

  async #awaitReplicas(lastOffset: number, timeoutMs: number): Promise<void> {
    const isDone = (): boolean => this.#isReplicated(lastOffset)
    const done = await delayOperation({ timers: this.#context.timers, watched: [this], timeoutMs, isDone })
    if (!done)
      throw new KafkaError(
        'REQUEST_TIMED_OUT',
        `not all replicas of ${this.name} have taken the append within ${timeoutMs} ms`,
      )
  }

  #isReplicated(lastOffset: number): boolean {
    this.mustLead()
    return this.#highWatermark > lastOffset
  }

  #mustHaveReplicas(error: 'NOT_ENOUGH_REPLICAS' | 'NOT_ENOUGH_REPLICAS_AFTER_APPEND'): void {
    const { isr, replicas } = this.#view
    const { 'min.insync.replicas': configured } = this.#context.topicConfig(this.topic)
    const needed = Math.min(configured, replicas.length)
    if (isr.length >= needed) return
    throw new KafkaError(
      error,
      `${this.name} has ${isr.length} replicas in sync, and min.insync.replicas = ${needed}`,
    )
  }

  /** Grows with every append: what a fetch that waits for bytes compares. */
  get appendedBytes(): number {
    return this.#appendedBytes
  }

  // --- reading -------------------------------------------------------------------------------------------

  /** Offset after the last record that all replicas in sync have. */
  get highWatermark(): number {
    return this.#highWatermark
  }

  /** Offset of the first record of an open transaction, or the high watermark. */
  get lastStableOffset(): number {
    const { firstUnstableOffset } = this.log.state.producers
    return Math.min(firstUnstableOffset ?? this.#highWatermark, this.#highWatermark)
  }

  /** Offset after the last record that a reader of this isolation may see. */
  endOffsetFor(isolation: IsolationLevel): number {
    return isolation === 'read_committed' ? this.lastStableOffset : this.#highWatermark
  }

  /**
   * Whole batches from the one that holds `offset` on, which may begin before it.
   *
   * @throws OffsetOutOfRangeError, CorruptionError, StorageError
   */
  async read({ offset, maxBytes, atLeastOneBatch, isolation, memory }: ReadRequest): Promise<ReadOutcome> {
    const endOffset = this.endOffsetFor(isolation)
    const { log } = this
    const { slice } = await log.reader.read(offset, Math.max(maxBytes, 1), Math.max(endOffset, offset), {
      ...(memory === undefined ? {} : { memory }),
    })
    const fits = atLeastOneBatch || slice.buffer.length <= maxBytes
    const records = fits ? slice.buffer : slice.buffer.subarray(0, 0)
    if (records.length === 0) memory?.giveBack(slice.buffer)
    const nextOffset = fits ? slice.nextOffset : offset
    return {
      records,
      nextOffset,
      highWatermark: this.#highWatermark,
      lastStableOffset: this.lastStableOffset,
      logStartOffset: log.startOffset,
      abortedTransactions:
        isolation === 'read_committed' && records.length > 0
          ? log.abortedTransactions(offset, nextOffset)
          : [],
    }
  }

  /** The end that readers of `isolation` see, as ListOffsets answers it. */
  latestOffset(isolation: IsolationLevel): FoundOffset {
    const offset = this.endOffsetFor(isolation)
    return { offset, timestamp: -1, leaderEpoch: this.#epochFor(offset) }
  }

  earliestOffset(): FoundOffset {
    const offset = this.log.startOffset
    return { offset, timestamp: -1, leaderEpoch: this.#epochFor(offset) }
  }

  /** The first record at or after `timestamp` that readers of `isolation` see. */
  offsetForTimestamp(timestamp: number, isolation: IsolationLevel): FoundOffset {
    const found = this.log.offsetForTimestamp(timestamp)
    if (found === undefined || found.offset >= this.endOffsetFor(isolation)) return nothingFound
    return {
      offset: found.offset,
      timestamp: found.timestamp,
      leaderEpoch: this.log.state.epochs.epochFor(found.offset),
    }
  }

  /** The first record with the largest timestamp (KIP-734). */
  offsetOfMaxTimestamp(isolation: IsolationLevel): FoundOffset {
    const maxTimestamp = Math.max(...[...this.log.state.segments].map((segment) => segment.maxTimestamp))
    return maxTimestamp < 0 ? nothingFound : this.offsetForTimestamp(maxTimestamp, isolation)
  }

  /** Where leader epoch `epoch` ends here (KIP-101): -1 and -1 when it is not known. */
  endOffsetForEpoch(epoch: number): { readonly leaderEpoch: number; readonly endOffset: number } {
    if (epoch === this.leaderEpoch) return { leaderEpoch: epoch, endOffset: this.log.state.writtenOffset }
    const found = this.log.state.epochs.endOffsetFor(epoch, this.log.state.writtenOffset)
    return { leaderEpoch: found.epoch, endOffset: found.endOffset }
  }

  // --- cutting -------------------------------------------------------------------------------------------

  /**
   * Gives the records before `offset` up; -1 stands for all that consumers see. Resolves with the new start offset.
   *
   * @throws KafkaError NOT_LEADER_OR_FOLLOWER, OFFSET_OUT_OF_RANGE
   */
  async deleteRecords(offset: number): Promise<number> {
    this.mustLead()
    const target = offset === -1 ? this.#highWatermark : offset
    if (target < 0 || target > this.#highWatermark)
      throw new KafkaError(
        'OFFSET_OUT_OF_RANGE',
        `records before ${offset} cannot be deleted: the high watermark of ${this.name} is ${this.#highWatermark}`,
      )
    await this.log.trim(target)
    this.#watchers.wake()
    return this.log.startOffset
  }

  // --- watching and ending -------------------------------------------------------------------------------

  watch(watcher: () => void): () => void {
    return this.#watchers.add(watcher)
  }

  /** Lets the log go. Those who wait for the partition find that it has no leader here. */
  async close(): Promise<void> {
    this.#unwatchLog()
    this.#view = { ...this.#view, leader: -1 }
    this.#watchers.wake()
    await this.log.close()
  }

  /** Why the log takes no more writes; undefined while it does. */
  get failure(): TidemarkError | undefined {
    return this.log.poison
  }

  /** The leader alone is in sync so far: followers will add their ends here. It never goes back. */
  #advance(): void {
    const { endOffset } = this.log
    if (endOffset > this.#highWatermark) this.#highWatermark = endOffset
  }

  #epochFor(offset: number): number {
    const { epochs, writtenOffset } = this.log.state
    return offset >= writtenOffset ? this.leaderEpoch : epochs.epochFor(offset)
  }
}

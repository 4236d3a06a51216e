import { join } from 'node:path'
import { ClosedError, ReadOnlyError, type TidemarkError } from '../base/errors.ts'
import { assert } from '../base/assert.ts'
import type { Batch } from '../batch/batch.ts'
import type { Env } from '../env/env.ts'
import { collectAborted } from './aborted-transactions.ts'
import { channels } from './channels.ts'
import { closeCleanly } from './close-cleanly.ts'
import type { CompactionOptions, CompactionReport } from './compaction-report.ts'
import { DeletedFiles } from './deleted-files.ts'
import { DurablePointStore } from './durable-point.ts'
import { leaderEpochCheckpointFile } from './file-names.ts'
import { extendReadOnly } from './extend-read-only.ts'
import type { FilePool } from './file-pool.ts'
import type { IndexCache } from './index-cache.ts'
import type { LogConfig } from './log-config.ts'
import { LogCompactor } from './log-compactor.ts'
import { LogCutter } from './log-cutter.ts'
import { LogFlusher } from './log-flusher.ts'
import { LogReader } from './log-reader.ts'
import { LogState } from './log-state.ts'
import { type AppendResult, LogWriter } from './log-writer.ts'
import { finishInterrupted, listPartition } from './partition-listing.ts'
import type { ProducerSnapshots } from './producer-snapshots.ts'
import { inspectPartition, type Recovered, type RecoveryProgress } from './recovery.ts'
import { type RecoveryReport, reportOf } from './recovery-report.ts'
import { replaceFile, replaceFileSync } from './replace-file.ts'
import { Segment } from './segment.ts'
import type { SegmentStorage } from './segment-storage.ts'
import { SegmentRoller } from './segment-roller.ts'
import { segmentStorage } from './segment-storage.ts'
import { SegmentSwap } from './segment-swap.ts'
import { SpaceReserve } from './space-reserve.ts'
import type { StartOffsetStore } from './start-offset-file.ts'
import { operatingError, storageError } from './storage-error.ts'
import { takeUp } from './take-up.ts'
import { lookUpTimestamp, type TimestampOffset } from './timestamp-lookup.ts'
import type { AbortedTransaction } from './transaction-index.ts'
import { endOfSegmentFile } from './walk.ts'

/** What a partition's log needs from around it. */
export interface PartitionLogContext {
  readonly env: Env
  readonly config: LogConfig
  readonly startOffsets: StartOffsetStore
  /** Shared by all logs of a server, so that there is one bound on open files. */
  readonly pool: FilePool
  readonly indexCache: IndexCache
  /** Room that several logs keep together. Default: each its own, of `reserveBytes`. */
  readonly reserve?: SpaceReserve
  /** Take nothing up, change nothing: read what is there. */
  readonly readOnly?: boolean
  /** A recovery point known from elsewhere, such as Kafka's checkpoint file. */
  readonly recoveryPoint?: number
  readonly onProgress?: (progress: RecoveryProgress) => void
}

/**
 * The log of one partition: a directory of segments, one writer, any number of readers. Batches go in and come out
 * as bytes; records are the caller's business.
 *
 * Appends are queued and written in groups by {@link LogWriter}; everything else that changes the log (rolling,
 * truncating, trimming, retention) runs between two writes. Reads look at {@link LogState} and the files, never
 * at the queue.
 */
export class PartitionLog {
  readonly directory: string
  readonly recovery: RecoveryReport
  readonly state: LogState
  readonly reader: LogReader
  /** Tells what there is to compact; {@link compact} does it. */
  readonly compactor: LogCompactor
  readonly #context: PartitionLogContext
  readonly #storage: SegmentStorage
  readonly #snapshots: ProducerSnapshots
  readonly #cutter: LogCutter
  readonly #flusher: LogFlusher
  readonly #writer: LogWriter
  readonly #reserve: SpaceReserve
  readonly #deleted: DeletedFiles
  /** Set once {@link close} is called. */
  #closing: Promise<void> | undefined

  private constructor(
    context: PartitionLogContext,
    storage: SegmentStorage,
    recovered: Recovered,
    report: RecoveryReport,
  ) {
    const { env, config, pool } = context
    const { segments, producers, snapshots, epochs, startOffset } = recovered
    this.directory = storage.directory
    this.recovery = report
    this.#context = context
    this.#storage = storage
    this.#snapshots = snapshots
    this.state = new LogState({ segments, producers, epochs, config, startOffset })
    const { directory, state } = this
    this.reader = new LogReader(state, pool, directory)
    const durablePoint = new DurablePointStore(pool, directory)
    const flusher = new LogFlusher({ storage, state, durablePoint })
    this.#flusher = flusher
    const roller = new SegmentRoller(state, storage, snapshots, flusher)
    this.#reserve = reserveOf(context, directory)
    this.#deleted = new DeletedFiles(env.files, env.clock, config.fileDeleteDelayMs)
    const parts = { state, storage, snapshots, flusher, deleted: this.#deleted }
    const { startOffsets } = context
    this.#cutter = new LogCutter({ ...parts, startOffsets, clock: env.clock, roll: () => roller.roll() })
    this.#writer = new LogWriter({
      state,
      flusher,
      reserve: this.#reserve,
      clock: env.clock,
      directory,
      leaderEpoch: epochs.latestEpoch,
      host: {
        roll: () => roller.roll(),
        isRollDue: (batch, first) => roller.isDue(batch, first),
        noteEpoch: (epoch) => this.#noteEpoch(epoch),
      },
    })
    const exclusively = (action: () => Promise<void>) => this.#cut('compacting the log', action)
    this.compactor = new LogCompactor({ env, state, storage, swap: new SegmentSwap(parts), exclusively })
  }

  /**
   * Opens the log in `directory`, which must exist; an empty directory becomes an empty log. Recovers first what
   * an unclean stop left. The caller holds the directory's lock.
   *
   * @throws CorruptionError when something that was durable is damaged: nothing is changed then
   */
  static async open(directory: string, context: PartitionLogContext): Promise<PartitionLog> {
    const { env, config, readOnly = false } = context
    const { files } = env
    const started = env.clock.monotonicMs()
    const storage = segmentStorage(directory, context)
    if (!readOnly) reserveOf(context, directory).makeRoom()
    const found = listPartition(files, directory)
    const removed = readOnly ? [] : finishInterrupted(files, directory, endOfSegmentFile(files), found)
    const recovered = await inspectPartition({
      storage,
      config,
      listing: removed.length === 0 ? found : listPartition(files, directory),
      startOffset: context.startOffsets.load(),
      ...(context.recoveryPoint === undefined ? {} : { recoveryPoint: context.recoveryPoint }),
      ...(context.onProgress === undefined ? {} : { onProgress: context.onProgress }),
    })
    if (readOnly && recovered.segments.length === 0)
      recovered.segments.push(Segment.blank(storage, recovered.startOffset))
    const quarantined = readOnly ? [] : await takeUp(storage, recovered)
    const report = reportOf(recovered, removed, quarantined, env.clock.monotonicMs() - started)
    if (channels.recover.hasSubscribers) channels.recover.publish({ directory, report })
    const log = new PartitionLog(context, storage, recovered, report)
    if (!readOnly) log.#prepareToWrite()
    return log
  }

  // --- what it is ----------------------------------------------------------------------------------------

  get startOffset(): number {
    return this.state.startOffset
  }

  /** Offset after the last record that readers see. */
  get endOffset(): number {
    return this.state.endOffset
  }

  /** Offset after the last record that was synced: where the next recovery begins. */
  get recoveryPoint(): number {
    return this.state.durableOffset
  }

  get leaderEpoch(): number {
    return this.#writer.leaderEpoch
  }

  get isReadOnly(): boolean {
    return this.#storage.readOnly
  }

  /** Why the log refuses writes after a failed sync; undefined while it does not. */
  get poison(): TidemarkError | undefined {
    return this.#flusher.poison
  }

  // --- appending -----------------------------------------------------------------------------------------

  /**
   * Appends one whole, validated batch as the leader: assigns offsets and epoch in its bytes, which belong to
   * the log until the promise settles.
   */
  async append(batch: Batch, expectedOffset?: number): Promise<AppendResult> {
    this.#mustBeWritable()
    return await this.#writer.append(batch, expectedOffset)
  }

  /**
   * Puts other settings in force, from the next append, roll, read or retention on. Those about indexes, the reserve
   * and how long deleted files stay hold from the next opening on.
   */
  reconfigure(config: LogConfig): void {
    this.state.config = config
    this.#storage.allowGaps ||= config.allowGaps
  }

  /** Runs `action` while nothing is written to the log. */
  exclusively<T>(action: () => T | Promise<T>): Promise<T> {
    this.#mustBeOpen()
    return this.#writer.exclusively(action)
  }

  /** Forgets idempotent producers that were silent for longer than `producerIdExpirationMs`. Returns how many. */
  expireProducers(): number {
    return this.state.producers.expire(
      this.#context.env.clock.nowMs(),
      this.state.config.producerIdExpirationMs,
    )
  }

  /**
   * For a log opened read-only: takes up the whole batches that another process has appended since. Stops, to try
   * again later, where a batch is not whole yet.
   */
  async extend(): Promise<void> {
    assert(this.isReadOnly, 'only what another process writes is taken up')
    await extendReadOnly(this.state, this.#storage)
  }

  /** Begins leader epoch `epoch` at the end of the log. Durable when it resolves, before anything is appended in it. */
  async beginEpoch(epoch: number): Promise<void> {
    this.#mustBeWritable()
    await this.#writer.exclusively(async () => {
      if (this.state.epochs.assign(epoch, this.state.writtenOffset)) await this.#storeEpochs()
      this.#writer.leaderEpoch = epoch
    })
  }

  /** Everything appended before the call is durable when it resolves. */
  async flush(): Promise<void> {
    this.#mustBeWritable()
    await this.#flusher.flush()
  }

  // --- looking up ----------------------------------------------------------------------------------------

  /**
   * The first record at or after `timestamp` whose offset is in the log: found by the time index and then record by
   * record. Undefined when all are older.
   */
  offsetForTimestamp(timestamp: number): TimestampOffset | undefined {
    this.#mustBeOpen()
    return lookUpTimestamp(this.state, this.reader, timestamp)
  }

  /** The aborted transactions with records in `[fromOffset, toOffset)`, for readers of committed records only. */
  abortedTransactions(fromOffset: number, toOffset: number): AbortedTransaction[] {
    this.#mustBeOpen()
    return collectAborted(this.state.segments, fromOffset, toOffset)
  }

  // --- cutting -------------------------------------------------------------------------------------------

  /**
   * Removes the records from `offset` on, in whole batches: a batch that `offset` falls into goes as a whole.
   * Durable when it resolves with the new end of the log.
   *
   * @throws OffsetOutOfRangeError
   */
  async truncate(offset: number): Promise<number> {
    this.#mustBeWritable()
    return this.#cut('truncating the log', () => this.#cutter.truncate(offset))
  }

  /**
   * Moves the start of the log to `offset` (Kafka's DeleteRecords): what comes before can no longer be read, and
   * segments that hold nothing else are deleted. Durable when it resolves. An offset at or before the start
   * changes nothing.
   *
   * @throws OffsetOutOfRangeError when `offset` is beyond the end
   */
  async trim(offset: number): Promise<void> {
    this.#mustBeWritable()
    await this.#cut('trimming the log', () => this.#cutter.trim(offset))
  }

  /** Deletes what the retention settings say, oldest first. Returns how many segments went. */
  async applyRetention(): Promise<number> {
    this.#mustBeWritable()
    return this.#cut('applying retention', () => this.#cutter.retain())
  }

  /**
   * Keeps of each key only the last record, as Kafka's cleaner does, in the segments that may be compacted. Appends and
   * reads go on meanwhile. A pass that fails, or meets a truncation, leaves a whole log, and the next one tries again.
   * The log must have been opened with `allowGaps`.
   *
   * @throws TypeError, CorruptionError, StorageError, PoisonedError, ClosedError
   */
  async compact(options: CompactionOptions = {}): Promise<CompactionReport> {
    this.#mustBeWritable()
    return this.compactor.compact(options)
  }

  async #cut<T>(doing: string, action: () => Promise<T>): Promise<T> {
    try {
      return await this.#writer.exclusively(() => {
        // Cutting is what makes room, and has to write checkpoints for it.
        this.#reserve.makeRoom()
        return action()
      })
    } catch (error) {
      throw operatingError(doing, error)
    }
  }

  #noteEpoch(epoch: number): void {
    const { epochs, writtenOffset } = this.state
    epochs.assign(epoch, writtenOffset)
    try {
      replaceFileSync(
        this.#context.env.files,
        join(this.directory, leaderEpochCheckpointFile),
        epochs.encode(),
      )
    } catch (error) {
      epochs.truncateFromEnd(writtenOffset)
      throw storageError('storing the leader epochs', error)
    }
  }

  // --- ending --------------------------------------------------------------------------------------------

  /**
   * Waits for the appends under way, syncs, and leaves the directory so that the next open need not scan it. A
   * log that was poisoned is only let go. Idempotent.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    try {
      await this.compactor.close()
      await this.#writer.close()
      this.#deleted.close()
      // Of a log that was not changed what the last clean stop wrote is still true.
      if (!this.isReadOnly && this.#flusher.poison === undefined && !this.#flusher.isUnchanged) {
        this.#reserve.makeRoom()
        await closeCleanly(this.state, this.#storage, this.#snapshots, this.#flusher)
      }
    } catch (error) {
      throw operatingError('closing the log', error)
    } finally {
      this.#storage.pool.dropDirectory(this.directory)
      this.state.wake()
    }
  }

  /** True until {@link close} is called. */
  get isOpen(): boolean {
    return this.#closing === undefined
  }

  #mustBeOpen(): void {
    if (!this.isOpen) throw new ClosedError(`the log ${this.directory} is closed`)
  }

  #mustBeWritable(): void {
    this.#mustBeOpen()
    if (this.isReadOnly)
      throw new ReadOnlyError(`the log ${this.directory} was opened with { readOnly: true }`)
    if (this.#flusher.poison !== undefined) throw this.#flusher.poison
  }

  async #storeEpochs(): Promise<void> {
    await this.#flusher.beginChange()
    await replaceFile(
      this.#context.env.files,
      join(this.directory, leaderEpochCheckpointFile),
      this.state.epochs.encode(),
    )
  }

  /** A full disk is met when it is, and not at opening: without a reserve the log can still be read and trimmed. */
  #prepareToWrite(): void {
    try {
      this.#reserve.acquire()
    } catch (error) {
      if (storageError('reserving room', error).code !== 'ERR_DISK_FULL')
        throw storageError('reserving room', error)
    }
  }
}

function reserveOf({ env, config, reserve }: PartitionLogContext, directory: string): SpaceReserve {
  return reserve ?? new SpaceReserve(env.files, directory, config.reserveBytes)
}

import { resolve } from 'node:path'
import { ClosedError } from '../base/errors.ts'
import { booleanKey, integerKey, resolveConfig } from '../base/config-def.ts'
import { Batch } from '../batch/batch.ts'
import { encodeBatch } from '../batch/encode-batch.ts'
import type { LogRecord } from '../batch/log-record.ts'
import type { RecordInput } from '../batch/record-input.ts'
import type { Env, Lock } from '../env/env.ts'
import { nodeEnv } from '../env/node-env.ts'
import { checkKeys, checkTimestamps, producerFields, timestampLimitsOf } from './append-checks.ts'
import { BackgroundWork } from './background-work.ts'
import { BatchStream } from './batch-stream.ts'
import { withCompaction } from './cleanup-policy.ts'
import type { CompactionReport } from './compaction-report.ts'
import { CompactionSchedule } from './compaction-schedule.ts'
import { FilePool } from './file-pool.ts'
import { takeIncomingBatch } from './incoming-batch.ts'
import { IndexCache } from './index-cache.ts'
import { logConfig, type LogConfig } from './log-config.ts'
import type { AppendBatchOptions, AppendOptions, LogOptions, ReadOptions } from './log-options.ts'
import type { AppendResult } from './log-writer.ts'
import { mustHoldLog } from './partition-listing.ts'
import { PartitionLog } from './partition-log.ts'
import { prepareDirectory } from './prepare-directory.ts'
import { ReadOnlyFollower } from './read-only-follower.ts'
import { checkOffset, type ReadRange, readRange } from './read-range.ts'
import { RecordStream } from './record-stream.ts'
import type { RecoveryProgress } from './recovery.ts'
import type { RecoveryReport } from './recovery-report.ts'
import { StartOffsetFile } from './start-offset-file.ts'
import { operatingError } from './storage-error.ts'
import type { TimestampOffset } from './timestamp-lookup.ts'
import type { VerifyOptions, VerifyReport } from './verify-directory.ts'

const openConfig = {
  ...logConfig,
  maxOpenFiles: integerKey({ default: 256, min: 8 }),
  indexCacheBytes: integerKey({ default: 64 * 1024 * 1024, min: 0 }),
  readOnly: booleanKey({ default: false }),
} as const

/** What a log holds and costs. Sizes in bytes. */
export interface LogStats {
  readonly directory: string
  readonly startOffset: number
  readonly endOffset: number
  /** Offset up to which everything is synced. */
  readonly recoveryPoint: number
  readonly leaderEpoch: number
  readonly segments: number
  readonly sizeBytes: number
  /** Largest timestamp of a record, undefined when none has one. */
  readonly maxTimestamp: number | undefined
  /** Idempotent producers that are remembered. */
  readonly producers: number
  readonly openFiles: number
  /** Indexes in memory. */
  readonly indexBytes: number
}

/**
 * Opens the log in `directory`, creating it if need be, and recovers first what an unclean stop left: see
 * `log.recovery`. One process at a time may have it open for writing.
 *
 * @throws TypeError, RangeError for an option that is unknown or cannot be
 * @throws LockedError when a live process has it open
 * @throws CorruptionError when something that was durable is damaged; nothing is changed then
 * @throws NotALogError under `readOnly`, when there is no log
 * @throws StorageError when the file system refuses
 */
export async function openLog(directory: string, options: LogOptions = {}): Promise<Log> {
  const { env = nodeEnv(), signal, onProgress, ...given } = options
  if (typeof directory !== 'string' || directory === '')
    throw new TypeError('directory must be the path of a directory, such as "./orders"')
  const resolved = withCompaction(resolveConfig(openConfig, { ...given }))
  const { maxOpenFiles, indexCacheBytes, readOnly, ...config } = resolved
  signal?.throwIfAborted()
  const path = resolve(directory)
  const pool = new FilePool(env.files, maxOpenFiles)
  const context = {
    env,
    config,
    pool,
    readOnly,
    startOffsets: new StartOffsetFile(env.files, path),
    indexCache: new IndexCache(indexCacheBytes),
    // Nothing is changed while a log is scanned, so that is when opening can be given up.
    onProgress: (progress: RecoveryProgress) => {
      onProgress?.(progress)
      signal?.throwIfAborted()
    },
  }
  if (readOnly) mustHoldLog(env.files, path)
  const lock = readOnly ? undefined : await prepareDirectory(env, path)
  try {
    const partition = await PartitionLog.open(path, context)
    if (partition.leaderEpoch < 0 && !readOnly) await partition.beginEpoch(0)
    signal?.throwIfAborted()
    return new Log(partition, env, config, pool, lock)
  } catch (error) {
    pool.dropDirectory(path)
    lock?.releaseSync()
    throw operatingError(`opening ${path}`, error)
  }
}

/**
 * An embedded log: records in, records out, in the order of their offsets. Made by {@link openLog}.
 *
 * Keys and values that it hands out are slices of what was read from the disk: good for as long as they are kept,
 * and keeping one keeps the slice, of up to `maxBytes`, that it came in.
 */
export class Log implements AsyncDisposable {
  readonly #partition: PartitionLog
  readonly #env: Env
  readonly #config: LogConfig
  readonly #pool: FilePool
  readonly #lock: Lock | undefined
  readonly #compaction: CompactionSchedule
  readonly #background: BackgroundWork
  readonly #follower: ReadOnlyFollower | undefined

  /** @internal */
  constructor(partition: PartitionLog, env: Env, config: LogConfig, pool: FilePool, lock: Lock | undefined) {
    this.#partition = partition
    this.#env = env
    this.#config = config
    this.#pool = pool
    this.#lock = lock
    this.#compaction = new CompactionSchedule(partition, env.clock)
    this.#background = new BackgroundWork(partition, env.clock, config, this.#compaction)
    this.#follower = partition.isReadOnly ? new ReadOnlyFollower(partition, env.files) : undefined
    if (!partition.isReadOnly) this.#background.start()
  }

  /** The absolute path of the log's directory. */
  get directory(): string {
    return this.#partition.directory
  }

  /** Offset of the first record, or where it will be. */
  get startOffset(): number {
    return this.#partition.startOffset
  }

  /** Offset after the last record that was acknowledged: that of the next one. */
  get endOffset(): number {
    return this.#partition.endOffset
  }

  /** What opening the log found and did. */
  get recovery(): RecoveryReport {
    return this.#partition.recovery
  }

  /**
   * Appends one record, or several as one batch: all of them or none. Appends made at the same time are ordered as
   * they were called, and share one write and one sync. Resolves when `durability` is fulfilled.
   *
   * @throws TypeError when a record is not what it should be; the message names the field
   * @throws RecordTooLargeError, InvalidTimestampError, InvalidRecordError when the log does not take them
   * @throws SequenceError, FencedEpochError for an idempotent producer out of order
   * @throws DiskFullError, StorageError, PoisonedError when the disk does not; nothing of the append is in the log then
   * @throws QueueFullError, ClosedError, ReadOnlyError
   */
  async append(
    records: RecordInput | readonly RecordInput[],
    options: AppendOptions = {},
  ): Promise<AppendResult> {
    const list = isList(records) ? records : [records]
    const { compression, maxMessageBytes, timestampType } = this.#config
    if (list.length === 0) throw new RangeError('an append needs at least one record')
    checkKeys(list, this.#config)
    const now = this.#env.clock.nowMs()
    const batch = new Batch(
      encodeBatch(list, {
        now,
        timestampType,
        maxBytes: maxMessageBytes,
        compression: options.compression ?? compression,
        ...producerFields(options),
      }),
    )
    checkTimestamps(list, batch, timestampLimitsOf(this.#config), now)
    return await this.#partition.append(batch, options.expectedOffset)
  }

  /**
   * Appends a batch (magic 2) that is already encoded, as it is. The buffer belongs to the log until the promise
   * settles: offset and epoch are written into it.
   *
   * @throws as {@link append}, and CorruptionError, FormatVersionError, InvalidRecordError for a batch that is not right
   */
  async appendBatch(buffer: Uint8Array, options: AppendBatchOptions = {}): Promise<AppendResult> {
    const batch = takeIncomingBatch(buffer, this.#config, this.#env.clock.nowMs(), options)
    return await this.#partition.append(batch, options.expectedOffset)
  }

  /** The records from `from` on, decoded one by one; ends at the end of the log unless told to follow it. */
  read(options: ReadOptions = {}): AsyncIterableIterator<LogRecord> & AsyncDisposable {
    const { from, to } = this.#range(options)
    const { maxDecompressedBytes, signal } = options
    return new RecordStream(this.#batchStream(options, from, to), { from, to, maxDecompressedBytes, signal })
  }

  /**
   * The batches from the one that holds `from` on, as they are stored: for those who copy them, or who decode with
   * `batch.records()`. Control batches are among them.
   */
  readBatches(options: ReadOptions = {}): AsyncIterableIterator<Batch> & AsyncDisposable {
    const { from, to } = this.#range(options)
    return this.#batchStream(options, from, to)
  }

  /** The record with `offset`, or the next one where compaction left a gap; undefined at the end. A copy. */
  get(offset: number): LogRecord | undefined {
    this.#mustBeOpen()
    checkOffset('offset', offset)
    const { reader } = this.#partition
    for (
      let batch = reader.readBatch(offset);
      batch !== undefined;
      batch = reader.readBatch(batch.nextOffset)
    ) {
      const record = batch.isControl ? undefined : batch.find(offset)
      if (record !== undefined) return record.detach()
    }
    return undefined
  }

  /** The first record at or after `timestamp`, in milliseconds since 1970; undefined when all are older. */
  offsetForTimestamp(timestamp: number): TimestampOffset | undefined {
    return this.#partition.offsetForTimestamp(timestamp)
  }

  async stats(): Promise<LogStats> {
    this.#mustBeOpen()
    const { segments, producers, startOffset, endOffset } = this.#partition.state
    const maxTimestamp = Math.max(...[...segments].map((segment) => segment.maxTimestamp))
    return {
      directory: this.directory,
      startOffset,
      endOffset,
      recoveryPoint: this.#partition.recoveryPoint,
      ...{
        leaderEpoch: this.#partition.leaderEpoch,
        segments: segments.count,
        sizeBytes: segments.sizeBytes,
      },
      maxTimestamp: maxTimestamp < 0 ? undefined : maxTimestamp,
      producers: producers.size,
      openFiles: this.#pool.openCount,
      indexBytes: [...segments].reduce((sum, segment) => sum + segment.indexBytes, 0),
    }
  }

  /** Reads everything and checks it, file by file: every checksum, every record, every derived file against the log. */
  async verify(options: Omit<VerifyOptions, 'env'> = {}): Promise<VerifyReport> {
    this.#mustBeOpen()
    if (!this.#partition.isReadOnly) await this.#partition.flush()
    // Loaded when it is first asked for: few programs that append ever verify.
    const { verifyDirectory } = await import('./verify-directory.ts')
    return this.#partition.exclusively(() =>
      verifyDirectory(this.directory, {
        ...options,
        env: this.#env,
        allowGaps: this.#config.allowGaps,
        isOpen: true,
      }),
    )
  }

  /**
   * Removes the records from `offset` on, in whole batches: the batch that `offset` falls into goes as a whole.
   * Durable when it resolves with the new end of the log.
   *
   * @throws OffsetOutOfRangeError
   */
  async truncate(offset: number): Promise<number> {
    checkOffset('offset', offset)
    const endOffset = await this.#partition.truncate(offset)
    this.#compaction.noteTruncation(endOffset)
    return endOffset
  }

  /**
   * Gives the records before `offset` up (Kafka's DeleteRecords): they can no longer be read, and segments that hold
   * nothing else are deleted. Durable when it resolves.
   *
   * @throws OffsetOutOfRangeError when `offset` is beyond the end
   */
  async trim(offset: number): Promise<void> {
    checkOffset('offset', offset)
    await this.#partition.trim(offset)
  }

  /** Deletes now what `retentionMs` and `retentionBytes` say. Returns how many segments went. */
  applyRetention(): Promise<number> {
    return this.#partition.applyRetention()
  }

  /**
   * Compacts now, whether it is due or not: of each key only the last record stays, in all segments but the active one.
   * Under `cleanupPolicy: 'compact'` this happens by itself, when enough of the log is superseded.
   *
   * @throws TypeError unless the log was opened with a `cleanupPolicy` that compacts
   * @throws CorruptionError, StorageError, PoisonedError, ClosedError, ReadOnlyError; the log is whole then, and the
   *   next time tries again
   */
  compact(): Promise<CompactionReport> {
    return this.#compaction.run()
  }

  /** Everything appended before the call is on the disk when it resolves, whatever `durability` says. */
  flush(): Promise<void> {
    return this.#partition.flush()
  }

  /** Waits for the appends under way, syncs, and lets the directory go. Ends those who follow the log. Idempotent. */
  async close(): Promise<void> {
    this.#background.stop()
    this.#follower?.close()
    try {
      await this.#partition.close()
    } finally {
      this.#release()
    }
  }

  #release(): void {
    try {
      this.#lock?.releaseSync()
    } catch (error) {
      throw operatingError(`unlocking ${this.directory}`, error)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #batchStream(options: ReadOptions, from: number, to: number): BatchStream {
    if (options.follow === true) this.#follower?.start()
    const { maxBytes = defaultReadBytes, follow = false, signal } = options
    if (!Number.isInteger(maxBytes) || maxBytes < 1)
      throw new RangeError(`maxBytes must be a positive integer, got ${maxBytes}`)
    const isOpen = () => this.#partition.isOpen
    return new BatchStream(this.#partition.reader, this.#partition.state, {
      from,
      to,
      follow,
      maxBytes,
      signal,
      isOpen,
    })
  }

  #range(options: ReadOptions): ReadRange {
    this.#mustBeOpen()
    return readRange(this, options)
  }

  #mustBeOpen(): void {
    if (!this.#partition.isOpen) throw new ClosedError(`the log ${this.directory} is closed`)
  }
}

const defaultReadBytes = 1024 * 1024

function isList(records: RecordInput | readonly RecordInput[]): records is readonly RecordInput[] {
  return Array.isArray(records)
}

import { join } from 'node:path'
import { CorruptionError } from '../base/errors.ts'
import type { Batch } from '../batch/batch.ts'
import { currentMagic } from '../batch/format.ts'
import type { File, Files } from '../env/env.ts'
import { segmentFileName, type SegmentFileKind } from './file-names.ts'
import { producerBatchOf } from './producer-batch.ts'
import type { AbortedTransaction } from './transaction-index.ts'
import { replaceFileSync, writeInPlace } from './replace-file.ts'
import type { SegmentStorage } from './segment-storage.ts'
import { type IndexDigests, readIndexes, SegmentIndexes, writeIndexes } from './segment-indexes.ts'
import { baseOffsetOf, walkHeaders, wholeBatch } from './walk.ts'

/** What is known of a segment without reading it. */
export interface SegmentSummary {
  readonly baseOffset: number
  readonly sizeBytes: number
  readonly nextOffset: number
  readonly maxTimestamp: number
  readonly offsetOfMaxTimestamp: number
  /** See {@link Segment.startPosition}; absent for 0. */
  readonly startPosition?: number
  readonly digests: IndexDigests | undefined
}

/** A batch of a segment, by its header. */
export interface BatchLocation {
  /** Byte in the `.log` at which it starts. */
  readonly position: number
  readonly sizeBytes: number
  readonly baseOffset: number
}

/** What is derived from a segment's batches. */
export const indexKinds = ['.index', '.timeindex', '.txnindex'] as const
/** A relative offset must fit a signed 32-bit integer. */
const offsetSpanMax = 2 ** 31 - 1

/**
 * One `.log` file with its indexes: the batches from `baseOffset` up to `nextOffset`. The last segment of a log
 * is active: it grows, and its indexes live in memory only. The others are sealed: their indexes are on the
 * disk, and in memory while they are used.
 *
 * A crash may leave the file longer than the batches that were acknowledged, and the index files of any segment
 * that was not flushed torn or absent; recovery cuts the one and rebuilds the other.
 */
export class Segment {
  readonly baseOffset: number
  sizeBytes = 0
  /** Where the batches begin that are looked at: behind damage that lies before the start of the log, else 0. */
  startPosition = 0
  nextOffset: number
  /** Largest timestamp of the segment, -1 when it has none, and the last offset of the batch that holds it. */
  maxTimestamp = -1
  offsetOfMaxTimestamp = -1
  /** Largest timestamp of the first batch, from which `segmentMs` counts; undefined while it is not known. */
  rollTimestamp: number | undefined
  /**
   * The bytes from 0 up to here had their checksums verified by this process, or were written by it. What lies
   * beyond is verified when it is first read.
   */
  verifiedBytes = 0
  /** The index files as they were last written; undefined while those on the disk are not to be used. */
  digests: IndexDigests | undefined
  readonly #storage: SegmentStorage
  #knownLogPath: string | undefined
  #indexes: SegmentIndexes | undefined
  #indexesOnDisk: boolean
  /** It grows, or is about to: its indexes are nobody's to drop from memory. */
  #isResumed = false

  private constructor(storage: SegmentStorage, baseOffset: number, indexes: SegmentIndexes | undefined) {
    this.#storage = storage
    this.baseOffset = baseOffset
    this.nextOffset = baseOffset
    this.#indexes = indexes
    this.#indexesOnDisk = indexes === undefined
  }

  /** A segment of which nothing is known yet: a new one, or one whose batches are about to be scanned. */
  static blank(storage: SegmentStorage, baseOffset: number): Segment {
    return new Segment(storage, baseOffset, new SegmentIndexes(baseOffset, storage.indexIntervalBytes))
  }

  /** A sealed segment whose index files are taken to be right until they are read. */
  static sealed(storage: SegmentStorage, summary: SegmentSummary): Segment {
    const segment = new Segment(storage, summary.baseOffset, undefined)
    segment.sizeBytes = summary.sizeBytes
    segment.startPosition = summary.startPosition ?? 0
    segment.nextOffset = summary.nextOffset
    segment.maxTimestamp = summary.maxTimestamp
    segment.offsetOfMaxTimestamp = summary.offsetOfMaxTimestamp
    segment.digests = summary.digests
    return segment
  }

  get summary(): SegmentSummary {
    const { baseOffset, sizeBytes, startPosition, nextOffset, maxTimestamp, offsetOfMaxTimestamp, digests } =
      this
    return { baseOffset, sizeBytes, startPosition, nextOffset, maxTimestamp, offsetOfMaxTimestamp, digests }
  }

  path(kind: SegmentFileKind): string {
    return join(this.#storage.directory, segmentFileName(this.baseOffset, kind))
  }

  /** Made once it is asked for: each write asks again. */
  get #logPath(): string {
    return (this.#knownLogPath ??= this.path('.log'))
  }

  /** The file for reading. Good until the caller returns to the event loop. */
  file(): File {
    return this.#storage.pool.get(this.#logPath)
  }

  fileForWriting(): File {
    return this.#storage.pool.get(this.#logPath, 'write')
  }

  // --- growing -------------------------------------------------------------------------------------------

  /** Counts in a batch that stands at the end of the file. */
  add(batch: Batch): void {
    // Read, should they not be in memory, as they are of what was there before.
    const indexes = this.indexes()
    const position = this.sizeBytes
    this.sizeBytes += batch.sizeBytes
    this.nextOffset = batch.nextOffset
    this.rollTimestamp ??= batch.maxTimestamp
    if (batch.maxTimestamp > this.maxTimestamp) {
      this.maxTimestamp = batch.maxTimestamp
      this.offsetOfMaxTimestamp = batch.lastOffset
    }
    this.#indexesOnDisk = false
    indexes.add(batch, position, this.maxTimestamp, this.offsetOfMaxTimestamp)
  }

  /** Forgets the batches so far: what lies before `position`, where the batch with `offset` begins, is not looked at. */
  startAt(position: number, offset: number): void {
    this.sizeBytes = position
    this.startPosition = position
    this.nextOffset = offset
    this.maxTimestamp = -1
    this.offsetOfMaxTimestamp = -1
    this.#indexes = new SegmentIndexes(this.baseOffset, this.#storage.indexIntervalBytes)
  }

  addAborted(transaction: AbortedTransaction): void {
    this.indexes().transactions.append(transaction)
  }

  /** Whether a batch that ends with `lastOffset` must go to a new segment. Time is the log's to judge. */
  hasNoRoomFor(incomingBytes: number, lastOffset: number, segmentBytes: number): boolean {
    return (
      this.sizeBytes + incomingBytes > segmentBytes ||
      this.mayFillIndexes(0) ||
      lastOffset - this.baseOffset > offsetSpanMax
    )
  }

  /** Whether the indexes may be full once `batches` more are counted in, each of which adds an entry at most. */
  mayFillIndexes(batches: number): boolean {
    return this.indexes().isFull(this.#storage.indexBytesMax, batches)
  }

  /**
   * Writes the index files, with the final time entry that Kafka forces when a segment ends. The segment may
   * still grow afterwards, as an active one does that was closed and opened again. Not synced: until the segment
   * is flushed the recovery point lies before its end, and a crash rebuilds them.
   */
  writeIndexes(): void {
    if (!this.#indexesOnDisk) this.#putIndexes(writeInPlace)
  }

  #putIndexes(write: (files: Files, path: string, bytes: Buffer) => void): void {
    const indexes = this.indexes()
    if (this.maxTimestamp >= 0) indexes.times.append(this.maxTimestamp, this.offsetOfMaxTimestamp)
    if (this.#storage.readOnly) return
    this.#storage.cleanShutdown.withdrawSync()
    for (const kind of indexKinds) this.#storage.pool.drop(this.path(kind))
    this.digests = writeIndexes(this.#storage.files, (kind) => this.path(kind), indexes, write)
    this.#indexesOnDisk = true
  }

  /** The paths of the index files, to be synced. */
  get indexPaths(): string[] {
    const hasTransactions = (this.digests?.transactions.sizeBytes ?? -1) >= 0
    return indexKinds.filter((kind) => kind !== '.txnindex' || hasTransactions).map((kind) => this.path(kind))
  }

  /** The indexes may be dropped from memory from now on: the segment no longer grows. */
  release(): void {
    this.#isResumed = false
    if (this.#indexes !== undefined && this.#indexesOnDisk) this.#storage.indexCache.admit(this)
  }

  /** For the index cache. */
  dropIndexes(): void {
    this.#indexes = undefined
  }

  // --- looking up ----------------------------------------------------------------------------------------

  get indexBytes(): number {
    return this.#indexes?.sizeBytes ?? 0
  }

  /** The indexes, read from their files, or rebuilt from the log when those are damaged. */
  indexes(): SegmentIndexes {
    if (this.#indexes !== undefined) {
      if (this.#indexesOnDisk) this.#storage.indexCache.touch(this)
      return this.#indexes
    }
    const { files, indexIntervalBytes } = this.#storage
    const read = readIndexes(
      files,
      (kind) => this.path(kind),
      this.baseOffset,
      indexIntervalBytes,
      this.digests,
    )
    const indexes = read.value ?? this.rebuildIndexes()
    this.#indexes = indexes
    if (this.#isResumed) indexes.resumeCadence(this.sizeBytes - indexes.offsets.lastPosition)
    else this.#storage.indexCache.admit(this)
    return indexes
  }

  /**
   * Makes the indexes again from the headers of the batches, and from the producers as they were where the
   * segment begins. Without a snapshot of those the aborted transactions cannot be known: throws CorruptionError
   * if the segment had any.
   */
  rebuildIndexes(): SegmentIndexes {
    const rebuilt = Segment.blank(this.#storage, this.baseOffset)
    if (this.startPosition > 0) rebuilt.startAt(this.startPosition, this.nextOffset)
    const producers = this.#storage.producersAt(this.baseOffset)
    const file = this.file()
    this.#walkBatches(this.startPosition, (header, position) => {
      rebuilt.add(header)
      if (producers === undefined || !header.hasProducerId) return false
      const aborted = producers.apply(
        producerBatchOf(header.isControl ? wholeBatch(file, header, position) : header),
      )
      if (aborted !== undefined) rebuilt.addAborted(aborted)
      return false
    })
    if (producers === undefined && (this.digests?.transactions.sizeBytes ?? -1) > 0)
      throw new CorruptionError(
        this.path('.txnindex'),
        -1,
        'the file is damaged, and so is the snapshot to rebuild it from',
      )
    this.maxTimestamp = rebuilt.maxTimestamp
    this.offsetOfMaxTimestamp = rebuilt.offsetOfMaxTimestamp
    const indexes = rebuilt.indexes()
    this.#indexes = indexes
    // Whole or not at all: this segment may lie before the recovery point, where no crash rebuilds it.
    this.#putIndexes(replaceFileSync)
    return indexes
  }

  /**
   * The first batch that ends at or after `offset`; undefined when all end before. An index that leads astray is
   * made again; throws CorruptionError when the log itself has no batches where it should.
   */
  locate(offset: number): BatchLocation | undefined {
    const { position, offset: lastOffset } = this.indexes().offsets.lookup(offset)
    const first = this.startPosition
    const start = Math.max(position, first)
    try {
      const found = this.#walk(start, offset, start === first ? undefined : lastOffset)
      // The first batch looked at begins after `offset`: the index has passed over some.
      if (start === first || (found !== undefined && found.baseOffset <= offset) || found?.position !== start)
        return found
    } catch (error) {
      if (!(error instanceof CorruptionError) || start === first) throw error
    }
    this.rebuildIndexes()
    return this.#walk(first, offset)
  }

  /** `indexedOffset` is what the index says of the batch at `start`: its last offset, or a later one. */
  #walk(start: number, offset: number, indexedOffset = Number.POSITIVE_INFINITY): BatchLocation | undefined {
    let found: BatchLocation | undefined
    this.#walkBatches(start, (batch, position) => {
      if (position === start && batch.lastOffset > indexedOffset)
        throw new CorruptionError(this.path('.index'), -1, `another batch stands at ${position} than it says`)
      if (batch.lastOffset < offset) return false
      found = { position, sizeBytes: batch.sizeBytes, baseOffset: baseOffsetOf(this.file(), batch, position) }
      return true
    })
    return found
  }

  /** {@link walkHeaders} that minds the offsets, which no checksum covers: each batch must follow on the one before. */
  #walkBatches(start: number, visit: (batch: Batch, position: number) => boolean): void {
    const file = this.file()
    let due = start === 0 ? this.baseOffset : -1
    walkHeaders(file, start, this.sizeBytes, (batch, position) => {
      if (due >= 0 && !this.#follows(batch, due))
        throw new CorruptionError(
          file.path,
          position,
          `no batch begins here with offset ${due}, which is due`,
        )
      due = batch.nextOffset
      return visit(batch, position)
    })
  }

  /** The first offset of a legacy message set is not in its header. */
  #follows(batch: Batch, due: number): boolean {
    if (batch.magic !== currentMagic) return batch.lastOffset >= due
    const { baseOffset } = batch
    return this.#storage.allowGaps ? baseOffset >= due : baseOffset === due
  }

  // --- shrinking -----------------------------------------------------------------------------------------

  /**
   * Cuts the segment before the first batch that ends at or after `offset`. In memory first, then the file; the
   * caller syncs. Returns the bytes cut.
   */
  truncateTo(offset: number): number {
    const position = this.locate(offset)?.position ?? this.sizeBytes
    const cutBytes = this.sizeBytes - position
    const indexes = this.indexes()
    // They are no longer those on the disk, so they must not be dropped from memory.
    this.#storage.indexCache.expel(this)
    indexes.truncateTo(offset)
    this.#indexesOnDisk = false
    this.digests = undefined
    this.fileForWriting().truncateSync(position)
    this.sizeBytes = position
    this.verifiedBytes = Math.min(this.verifiedBytes, position)
    this.#recount(indexes)
    return cutBytes
  }

  /** What the fields say of the batches, made again from the last index entry on. */
  #recount(indexes: SegmentIndexes): void {
    const last = indexes.times.lastEntry
    this.maxTimestamp = last?.timestamp ?? -1
    this.offsetOfMaxTimestamp = last?.offset ?? -1
    this.nextOffset = this.baseOffset
    const lastPosition = Math.max(indexes.offsets.lastPosition, this.startPosition)
    walkHeaders(this.file(), lastPosition, this.sizeBytes, (batch) => {
      this.nextOffset = batch.nextOffset
      if (batch.maxTimestamp > this.maxTimestamp) {
        this.maxTimestamp = batch.maxTimestamp
        this.offsetOfMaxTimestamp = batch.lastOffset
      }
      return false
    })
    indexes.resumeCadence(this.sizeBytes - lastPosition)
    this.#readRollTimestamp()
  }

  /** Takes a segment that was closed as the active one up again. Its indexes are read when they are first needed. */
  resume(): void {
    this.#isResumed = true
    this.#readRollTimestamp()
  }

  #readRollTimestamp(): void {
    this.rollTimestamp = undefined
    if (this.sizeBytes === this.startPosition) return
    walkHeaders(this.file(), this.startPosition, this.sizeBytes, (batch) => {
      this.rollTimestamp = batch.maxTimestamp
      return true
    })
  }

  /**
   * Renames its files, or those of some `kinds`, to `.deleted`. They are unlinked later, so that readers in flight
   * finish. Returns the new paths.
   */
  markDeleted(kinds: readonly SegmentFileKind[] = ['.log', ...indexKinds]): string[] {
    const { files, pool, directory, indexCache } = this.#storage
    indexCache.expel(this)
    const deleted: string[] = []
    for (const kind of kinds) {
      const path = this.path(kind)
      pool.drop(path)
      if (files.statSync(path) === undefined) continue
      const target = join(directory, segmentFileName(this.baseOffset, kind, 'deleted'))
      files.renameSync(path, target)
      deleted.push(target)
    }
    return deleted
  }
}

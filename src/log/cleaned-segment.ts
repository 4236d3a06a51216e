import { join } from 'node:path'
import { Batch } from '../batch/batch.ts'
import type { File } from '../env/env.ts'
import { segmentFileName, type SegmentFileState } from './file-names.ts'
import { writeInPlace } from './replace-file.ts'
import { Segment } from './segment.ts'
import type { SegmentStorage } from './segment-storage.ts'
import { writeIndexes } from './segment-indexes.ts'
import type { AbortedTransaction } from './transaction-index.ts'
import { writeFully } from './write-fully.ts'

/** The `.log` first: until it has its final name, recovery knows that the others belong to something unfinished. */
const kinds = ['.log', '.index', '.timeindex', '.txnindex'] as const
export type CleanedFileKind = (typeof kinds)[number]

/**
 * Output of the cleaner: a segment that grows in files that end in `.cleaned`, with its indexes made anew. A crash
 * leaves those files, which the next open removes.
 */
export class CleanedSegment {
  readonly baseOffset: number
  readonly #storage: SegmentStorage
  readonly #file: File
  readonly #segment: Segment
  #pending: Buffer[] = []
  #writtenBytes = 0
  #hasTransactions = false
  #isSealed = false

  /** Creates the `.log.cleaned`, in place of what a failed pass may have left. */
  constructor(storage: SegmentStorage, baseOffset: number) {
    this.baseOffset = baseOffset
    this.#storage = storage
    this.#segment = Segment.blank(storage, baseOffset)
    this.#discard()
    this.#file = storage.files.openSync(this.path('.log', 'cleaned'), 'create')
  }

  get sizeBytes(): number {
    return this.#segment.sizeBytes
  }

  path(kind: CleanedFileKind, state: SegmentFileState): string {
    return join(this.#storage.directory, segmentFileName(this.baseOffset, kind, state))
  }

  /** The files it consists of, the `.log` first. */
  get kinds(): readonly CleanedFileKind[] {
    return this.#hasTransactions ? kinds : kinds.slice(0, -1)
  }

  /** Adds a batch, whose bytes must stay as they are until {@link write}. */
  add(bytes: Buffer): void {
    this.#pending.push(bytes)
    this.#segment.add(new Batch(bytes))
  }

  addAborted(transaction: AbortedTransaction): void {
    this.#segment.addAborted(transaction)
    this.#hasTransactions = true
  }

  /** Writes what was added. */
  write(): void {
    writeFully(this.#file, this.#pending, this.#writtenBytes)
    for (const { length } of this.#pending) this.#writtenBytes += length
    this.#pending = []
  }

  /**
   * Writes the indexes, syncs all files, and gives them the modification time of what they replace: by that retention
   * judges records without timestamps.
   */
  async finish(modifiedMs: number): Promise<void> {
    const { files } = this.#storage
    this.write()
    await this.#file.sync()
    this.#file.closeSync()
    const indexes = this.#segment.indexes()
    const { maxTimestamp, offsetOfMaxTimestamp } = this.#segment
    if (maxTimestamp >= 0) indexes.times.append(maxTimestamp, offsetOfMaxTimestamp)
    this.#segment.digests = writeIndexes(files, (kind) => this.path(kind, 'cleaned'), indexes, writeInPlace)
    for (const kind of this.kinds) {
      const path = this.path(kind, 'cleaned')
      if (kind !== '.log') await syncFile(files.openSync(path, 'write'))
      files.setModifiedSync(path, modifiedMs)
    }
  }

  /** The segment, now that its files have their final names. */
  seal(): Segment {
    const segment = Segment.sealed(this.#storage, this.#segment.summary)
    // Written by this process, batch by batch, each checked before.
    segment.verifiedBytes = segment.sizeBytes
    this.#isSealed = true
    return segment
  }

  /**
   * Removes its files, unless it was sealed. Without effect when a failure comes on top of another: the next pass, or
   * open, tries again. Once the `.log` has become `.swap`, and cannot be taken back, nothing is touched: it may be all
   * that is left, and whether its other files are there tells the next open whether it is whole.
   */
  abandon(): void {
    if (this.#isSealed) return
    for (const step of [() => this.#file.closeSync(), () => this.#discard()]) {
      try {
        step()
      } catch {
        // Whoever gave the pass up is told why.
      }
    }
  }

  #discard(): void {
    const { files } = this.#storage
    if (files.statSync(this.path('.log', 'cleaned')) === undefined) return
    for (const kind of kinds.toReversed()) files.removeSync(this.path(kind, 'cleaned'))
  }
}

async function syncFile(file: File): Promise<void> {
  try {
    await file.sync()
  } finally {
    file.closeSync()
  }
}

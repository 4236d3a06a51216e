import type { Batch } from '../batch/batch.ts'
import type { Files } from '../env/env.ts'
import { crc32c } from '../../native-free/crc32c.ts'
import type { Decoded } from './decoded.ts'
import { IndexCadence } from './index-cadence.ts'
import { OffsetIndex } from './offset-index.ts'
import { readWhole } from './replace-file.ts'
import { TimeIndex } from './time-index.ts'
import { TransactionIndex } from './transaction-index.ts'

/**
 * Size and CRC-32C of a derived file as it was written, to know it again. Size -1: there is no file. The CRC is
 * undefined for a file that was taken up without reading it.
 */
export interface FileDigest {
  readonly sizeBytes: number
  readonly crc: number | undefined
}

/** Of a file that there is not. */
export const absentFile: FileDigest = { sizeBytes: -1, crc: undefined }

/** What is known of the three index files of a segment; undefined while they are not on the disk as they should be. */
export interface IndexDigests {
  readonly offsets: FileDigest
  readonly times: FileDigest
  readonly transactions: FileDigest
}

/**
 * The offset, time and transaction index of one segment, in memory. Derived from the log and never evidence
 * about it: whatever looks wrong with the files is rebuilt from the batches.
 */
export class SegmentIndexes {
  readonly offsets: OffsetIndex
  readonly times: TimeIndex
  readonly transactions: TransactionIndex
  readonly #cadence: IndexCadence

  constructor(
    baseOffset: number,
    intervalBytes: number,
    given: { offsets?: OffsetIndex; times?: TimeIndex; transactions?: TransactionIndex } = {},
  ) {
    this.offsets = given.offsets ?? new OffsetIndex(baseOffset)
    this.times = given.times ?? new TimeIndex(baseOffset)
    this.transactions = given.transactions ?? new TransactionIndex()
    this.#cadence = new IndexCadence(intervalBytes)
  }

  /** What these indexes cost in memory, about. */
  get sizeBytes(): number {
    return this.offsets.sizeBytes + this.times.sizeBytes + this.transactions.sizeBytes
  }

  /** Adds the entries that `batch`, at `position`, calls for; `maxTimestamp` is the segment's, `batch` included. */
  add(batch: Batch, position: number, maxTimestamp: number, offsetOfMaxTimestamp: number): void {
    if (!this.#cadence.onBatch(batch.sizeBytes)) return
    this.offsets.append(batch.lastOffset, position)
    this.times.append(maxTimestamp, offsetOfMaxTimestamp)
  }

  /** Whether one of them has no room for an entry in `maxBytes`, after `further` others. */
  isFull(maxBytes: number, further = 0): boolean {
    return this.offsets.isFull(maxBytes, further) || this.times.isFull(maxBytes, further)
  }

  /** Drops what is known of offsets from `offset` on, in a segment that will then be `sizeBytes` long. */
  truncateTo(offset: number): void {
    this.offsets.truncateTo(offset)
    this.times.truncateTo(offset)
    this.transactions.truncateTo(offset)
  }

  /** After a truncation or a reopening: `bytesSinceEntry` bytes lie behind the last entry. */
  resumeCadence(bytesSinceEntry: number): void {
    this.#cadence.reset(bytesSinceEntry)
  }
}

export type SegmentFilePath = (kind: '.log' | '.index' | '.timeindex' | '.txnindex') => string

/**
 * Writes the three files with `write`; a transaction index without entries has no file, as Kafka has it.
 */
export function writeIndexes(
  files: Files,
  path: SegmentFilePath,
  indexes: SegmentIndexes,
  write: (files: Files, path: string, bytes: Buffer) => void,
): IndexDigests {
  const put = (kind: '.index' | '.timeindex' | '.txnindex', bytes: Buffer): FileDigest => {
    write(files, path(kind), bytes)
    return { sizeBytes: bytes.length, crc: crc32c(bytes) }
  }
  const { offsets, times, transactions } = indexes
  if (transactions.entryCount === 0) files.removeSync(path('.txnindex'))
  return {
    offsets: put('.index', offsets.encode()),
    times: put('.timeindex', times.encode()),
    transactions: transactions.entryCount === 0 ? absentFile : put('.txnindex', transactions.encode()),
  }
}

/**
 * Reads the index files of a segment and checks them: against `digests` where those are known, and by their
 * structure. Returns what is wrong with the first bad one instead.
 */
export function readIndexes(
  files: Files,
  path: SegmentFilePath,
  baseOffset: number,
  intervalBytes: number,
  digests: IndexDigests | undefined,
): Decoded<SegmentIndexes> {
  const offsets = readChecked(files, path('.index'), digests?.offsets, (bytes) =>
    OffsetIndex.decode(baseOffset, bytes),
  )
  if (offsets.fault !== undefined) return offsets
  const times = readChecked(files, path('.timeindex'), digests?.times, (bytes) =>
    TimeIndex.decode(baseOffset, bytes),
  )
  if (times.fault !== undefined) return times
  const transactions = readTransactions(files, path('.txnindex'), digests?.transactions)
  if (transactions.fault !== undefined) return transactions
  const given = { offsets: offsets.value, times: times.value, transactions: transactions.value }
  return { value: new SegmentIndexes(baseOffset, intervalBytes, given) }
}

function readTransactions(
  files: Files,
  path: string,
  digest: FileDigest | undefined,
): Decoded<TransactionIndex> {
  const absent = files.statSync(path) === undefined
  if (absent && (digest === undefined || digest.sizeBytes < 0)) return { value: new TransactionIndex() }
  return readChecked(files, path, digest, (bytes) => TransactionIndex.decode(bytes))
}

function readChecked<T>(
  files: Files,
  path: string,
  digest: FileDigest | undefined,
  decode: (bytes: Buffer) => Decoded<T>,
): Decoded<T> {
  const bytes = readWhole(files, path, 2 ** 31 - 1)
  if (bytes === undefined) return { fault: `${path} is missing` }
  if (digest !== undefined && !fits(bytes, digest)) return { fault: `${path} is not as it was written` }
  const decoded = decode(bytes)
  return decoded.fault === undefined ? decoded : { fault: `${path}: ${decoded.fault}` }
}

function fits(bytes: Buffer, { sizeBytes, crc }: FileDigest): boolean {
  return bytes.length === sizeBytes && (crc === undefined || crc === crc32c(bytes))
}

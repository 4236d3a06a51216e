import { assert } from '../base/assert.ts'
import { isSafeInt64, readInt64, writeInt64 } from '../base/int64.ts'
import type { Decoded } from './decoded.ts'
import { IndexEntries, type IndexFormat } from './index-entries.ts'

/*
 * Kafka's `.txnindex`: entries of 34 bytes, big-endian; the file exists only where a transaction was aborted.
 *
 *   bytes 0-1    version, 0
 *   bytes 2-9    producer id
 *   bytes 10-17  first offset of the transaction, which may lie in an earlier segment
 *   bytes 18-25  last offset: the one of its ABORT marker, which lies in this segment
 *   bytes 26-33  last stable offset once the transaction was aborted
 */
const entrySize = 34
const version = 0
const producerIdField = 2
const firstOffsetField = 10
const lastOffsetField = 18
const lastStableOffsetField = 26

const producerIdAt = (bytes: Buffer, entry: number) =>
  readInt64(bytes, entry + producerIdField, 'producer id')
const firstOffsetAt = (bytes: Buffer, entry: number) =>
  readInt64(bytes, entry + firstOffsetField, 'first offset')
const lastOffsetAt = (bytes: Buffer, entry: number) =>
  readInt64(bytes, entry + lastOffsetField, 'last offset')
const lastStableOffsetAt = (bytes: Buffer, entry: number) =>
  readInt64(bytes, entry + lastStableOffsetField, 'last stable offset')

const format: IndexFormat = {
  entrySize,
  // Written entry by entry: zeros in this file are the trace of a lost write, and fail the checks below.
  preallocated: false,
  check(bytes, entry, previous) {
    const found = bytes.readInt16BE(entry)
    if (found !== version) return `the version is ${found}, known is only ${version}`
    for (const field of [producerIdField, firstOffsetField, lastOffsetField, lastStableOffsetField]) {
      if (!isSafeInt64(bytes, entry + field)) return `the integer at byte ${field} is beyond 2^53`
    }
    const { firstOffset, lastOffset, lastStableOffset } = readEntry(bytes, entry)
    const floor = previous === undefined ? -1 : lastOffsetAt(bytes, previous)
    if (firstOffset < 0 || lastStableOffset < 0) return 'an offset is negative'
    // A transaction without records leaves no entry, so its marker comes after its first offset.
    if (firstOffset >= lastOffset)
      return `the last offset ${lastOffset} does not follow the first, ${firstOffset}`
    if (lastOffset <= floor) return `the last offset ${lastOffset} does not follow ${floor}`
    return undefined
  },
}

/** A transaction that was aborted, as the transaction index keeps it (Kafka's AbortedTxn). */
export interface AbortedTransaction {
  readonly producerId: number
  /** The transaction's first offset. */
  readonly firstOffset: number
  /** The offset of its ABORT marker. */
  readonly lastOffset: number
  /** The last stable offset right after the marker. */
  readonly lastStableOffset: number
}

/** The aborted transactions whose markers lie in one segment (Kafka's TransactionIndex). */
export class TransactionIndex {
  readonly #entries: IndexEntries

  /** An empty index; {@link decode} passes the entries of an existing one. */
  constructor(entries: IndexEntries = new IndexEntries(format)) {
    this.#entries = entries
  }

  /** Reads and checks the bytes of an index file, and takes them over. */
  static decode(bytes: Buffer): Decoded<TransactionIndex> {
    const entries = IndexEntries.decode(format, bytes)
    return entries.fault === undefined ? { value: new TransactionIndex(entries.value) } : entries
  }

  get entryCount(): number {
    return this.#entries.count
  }

  get sizeBytes(): number {
    return this.#entries.sizeBytes
  }

  /** The offset of the last ABORT marker, or -1 when there is none. */
  get lastOffset(): number {
    return this.entryCount === 0 ? -1 : this.entry(this.entryCount - 1).lastOffset
  }

  /** Adds a transaction when its ABORT marker is appended to the segment. */
  append({ producerId, firstOffset, lastOffset, lastStableOffset }: AbortedTransaction): void {
    assert(lastOffset > this.lastOffset, `the marker's offset ${lastOffset} follows ${this.lastOffset}`)
    assert(firstOffset < lastOffset, `the marker's offset ${lastOffset} follows the first, ${firstOffset}`)
    const entry = this.#entries.push()
    const { bytes } = this.#entries
    bytes.writeInt16BE(version, entry)
    writeInt64(bytes, producerId, entry + producerIdField, 'producer id')
    writeInt64(bytes, firstOffset, entry + firstOffsetField, 'first offset')
    writeInt64(bytes, lastOffset, entry + lastOffsetField, 'last offset')
    writeInt64(bytes, lastStableOffset, entry + lastStableOffsetField, 'last stable offset')
  }

  /** Entry number `index`. */
  entry(index: number): AbortedTransaction {
    return readEntry(this.#entries.bytes, this.#entries.positionOf(index))
  }

  /**
   * The aborted transactions that reach into the offsets `[fetchOffset, upperBoundOffset)`. When `complete` is
   * false, one that reaches in may have its marker in a later segment: ask the next one too.
   */
  collect(
    fetchOffset: number,
    upperBoundOffset: number,
  ): { entries: AbortedTransaction[]; complete: boolean } {
    const entries: AbortedTransaction[] = []
    const first = this.#entries.countBelow(lastOffsetAt, fetchOffset)
    for (let index = first; index < this.entryCount; index++) {
      const entry = this.entry(index)
      if (entry.firstOffset < upperBoundOffset) entries.push(entry)
      // Everything below the bound was decided by then, so later markers belong to transactions beyond it.
      if (entry.lastStableOffset >= upperBoundOffset) return { entries, complete: true }
    }
    return { entries, complete: false }
  }

  /** Drops the transactions whose markers are at `offset` or after it. */
  truncateTo(offset: number): void {
    this.#entries.truncate(this.#entries.countBelow(lastOffsetAt, offset))
  }

  /** The bytes of the index file: a view, good until entries are next dropped. */
  encode(): Buffer {
    return this.#entries.encodeFrom(0)
  }

  /** The bytes of the index file from entry number `firstIndex` on: a view as in {@link encode}. */
  encodeFrom(firstIndex: number): Buffer {
    return this.#entries.encodeFrom(firstIndex)
  }
}

function readEntry(bytes: Buffer, entry: number): AbortedTransaction {
  return {
    producerId: producerIdAt(bytes, entry),
    firstOffset: firstOffsetAt(bytes, entry),
    lastOffset: lastOffsetAt(bytes, entry),
    lastStableOffset: lastStableOffsetAt(bytes, entry),
  }
}

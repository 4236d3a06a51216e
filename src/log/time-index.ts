import { assert } from '../base/assert.ts'
import { isSafeInt64, readInt64, writeInt64 } from '../base/int64.ts'
import type { Decoded } from './decoded.ts'
import { IndexEntries, type IndexFormat } from './index-entries.ts'

/*
 * Kafka's `.timeindex`: entries of 12 bytes, big-endian.
 *
 *   bytes 0-7   the largest timestamp in the segment so far
 *   bytes 8-11  relative offset: the last offset of the batch that holds it, less the segment's base offset
 *
 * An entry says: every record with a later timestamp has a greater offset. Timestamps rise strictly, offsets never
 * fall. Which offset of the batch is meant has changed between releases of Kafka, so any is accepted.
 */
const entrySize = 12
const relativeOffsetField = 8

const timestampAt = (bytes: Buffer, entry: number) => readInt64(bytes, entry, 'timestamp')
const relativeOffsetAt = (bytes: Buffer, entry: number) => bytes.readInt32BE(entry + relativeOffsetField)

const format: IndexFormat = {
  entrySize,
  preallocated: true,
  check(bytes, entry, previous) {
    if (!isSafeInt64(bytes, entry)) return 'the timestamp is beyond 2^53'
    const timestamp = timestampAt(bytes, entry)
    const relativeOffset = relativeOffsetAt(bytes, entry)
    const floor = previous === undefined ? -1 : timestampAt(bytes, previous)
    const lowest = previous === undefined ? 0 : relativeOffsetAt(bytes, previous)
    if (timestamp <= floor) return `the timestamp ${timestamp} does not follow ${floor}`
    if (relativeOffset < lowest) return `the relative offset ${relativeOffset} is before ${lowest}`
    return undefined
  },
}

export interface TimestampOffset {
  /** Milliseconds since 1970; -1 for none. */
  readonly timestamp: number
  readonly offset: number
}

/** The sparse map from timestamps to offsets of one segment (Kafka's TimeIndex). */
export class TimeIndex {
  readonly baseOffset: number
  readonly #entries: IndexEntries

  /** An empty index; {@link decode} passes the entries of an existing one. */
  constructor(baseOffset: number, entries: IndexEntries = new IndexEntries(format)) {
    this.baseOffset = baseOffset
    this.#entries = entries
  }

  /**
   * Reads and checks the bytes of an index file, and takes them over. Zeros at the end are not entries; so a
   * segment whose only record has offset and timestamp 0 reads as one without entries, which finds the same.
   */
  static decode(baseOffset: number, bytes: Buffer): Decoded<TimeIndex> {
    const entries = IndexEntries.decode(format, bytes)
    return entries.fault === undefined ? { value: new TimeIndex(baseOffset, entries.value) } : entries
  }

  get entryCount(): number {
    return this.#entries.count
  }

  get sizeBytes(): number {
    return this.#entries.sizeBytes
  }

  /** The last entry: the largest timestamp the index knows of. Without entries timestamp -1 at the base offset. */
  get lastEntry(): TimestampOffset {
    return this.#entryBefore(this.entryCount)
  }

  /**
   * Adds the segment's largest timestamp so far and the last offset of the batch that holds it, unless the index
   * knows it already, that is, unless `timestamp` is above the last entry's (Kafka's maybeAppend). Called with
   * every entry of the offset index and once more when the segment is closed or rolled.
   *
   * @returns whether an entry was added
   */
  append(timestamp: number, lastOffset: number): boolean {
    const last = this.lastEntry
    if (timestamp <= last.timestamp) return false
    assert(lastOffset >= last.offset, `offset ${lastOffset} follows ${last.offset} in the time index`)
    assert(lastOffset - this.baseOffset <= 0x7fffffff, `offset ${lastOffset} fits the segment`)
    const entry = this.#entries.push()
    writeInt64(this.#entries.bytes, timestamp, entry, 'timestamp')
    this.#entries.bytes.writeInt32BE(lastOffset - this.baseOffset, entry + relativeOffsetField)
    return true
  }

  /** Entry number `index`. */
  entry(index: number): TimestampOffset {
    const entry = this.#entries.positionOf(index)
    const { bytes } = this.#entries
    return { timestamp: timestampAt(bytes, entry), offset: this.baseOffset + relativeOffsetAt(bytes, entry) }
  }

  /** The greatest entry at or below `timestamp`, or timestamp -1 at the base offset. */
  lookup(timestamp: number): TimestampOffset {
    return this.#entryBefore(this.#entries.countBelow(timestampAt, timestamp + 1))
  }

  /** Drops the entries with offsets from `offset` on. */
  truncateTo(offset: number): void {
    this.#entries.truncate(this.#entries.countBelow(relativeOffsetAt, offset - this.baseOffset))
  }

  /** True when, after `further` entries, only the slot for the final one is left in `maxBytes` (Kafka's `segment.index.bytes`). */
  isFull(maxBytes: number, further = 0): boolean {
    return this.sizeBytes + (further + 2) * entrySize > maxBytes
  }

  /** The bytes of the index file: a view, good until entries are next dropped. */
  encode(): Buffer {
    return this.#entries.encodeFrom(0)
  }

  /** The bytes of the index file from entry number `firstIndex` on: a view as in {@link encode}. */
  encodeFrom(firstIndex: number): Buffer {
    return this.#entries.encodeFrom(firstIndex)
  }

  #entryBefore(index: number): TimestampOffset {
    return index === 0 ? { timestamp: -1, offset: this.baseOffset } : this.entry(index - 1)
  }
}

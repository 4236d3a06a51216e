import { assert } from '../base/assert.ts'
import type { Decoded } from './decoded.ts'
import { IndexEntries, type IndexFormat } from './index-entries.ts'

/*
 * Kafka's `.index`: entries of 8 bytes, big-endian.
 *
 *   bytes 0-3  relative offset: the LAST offset of a batch, less the segment's base offset
 *   bytes 4-7  position in the segment's .log at which that batch STARTS
 *
 * Offsets rise strictly. Positions may repeat: before Kafka 3.9.1 a write of several batches had one entry, with
 * its last offset and the position of its first batch.
 */
const entrySize = 8
const positionField = 4

const relativeOffsetAt = (bytes: Buffer, entry: number) => bytes.readInt32BE(entry)
const positionAt = (bytes: Buffer, entry: number) => bytes.readInt32BE(entry + positionField)

const format: IndexFormat = {
  entrySize,
  preallocated: true,
  check(bytes, entry, previous) {
    const relativeOffset = relativeOffsetAt(bytes, entry)
    const position = positionAt(bytes, entry)
    const floor = previous === undefined ? -1 : relativeOffsetAt(bytes, previous)
    const lowest = previous === undefined ? 0 : positionAt(bytes, previous)
    if (relativeOffset < 0) return `the relative offset ${relativeOffset} is negative`
    if (relativeOffset <= floor) return `the relative offset ${relativeOffset} does not follow ${floor}`
    if (position < lowest) return `the position ${position} is before ${lowest}`
    return undefined
  },
}

export interface OffsetPosition {
  readonly offset: number
  /** Byte in the segment's `.log` at which a batch starts. */
  readonly position: number
}

/** The sparse map from offsets to positions in one segment's `.log` (Kafka's OffsetIndex). */
export class OffsetIndex {
  readonly baseOffset: number
  readonly #entries: IndexEntries

  /** An empty index; {@link decode} passes the entries of an existing one. */
  constructor(baseOffset: number, entries: IndexEntries = new IndexEntries(format)) {
    this.baseOffset = baseOffset
    this.#entries = entries
  }

  /** Reads and checks the bytes of an index file, and takes them over. Zeros at the end are not entries. */
  static decode(baseOffset: number, bytes: Buffer): Decoded<OffsetIndex> {
    const entries = IndexEntries.decode(format, bytes)
    return entries.fault === undefined ? { value: new OffsetIndex(baseOffset, entries.value) } : entries
  }

  get entryCount(): number {
    return this.#entries.count
  }

  get sizeBytes(): number {
    return this.#entries.sizeBytes
  }

  /** The offset of the last entry, or -1 when there is none. */
  get lastOffset(): number {
    return this.entryCount === 0 ? -1 : this.entry(this.entryCount - 1).offset
  }

  /** The position of the last entry, or 0, the start of the segment, when there is none. */
  get lastPosition(): number {
    return this.entryCount === 0 ? 0 : this.entry(this.entryCount - 1).position
  }

  /** Adds the batch that ends with `lastOffset` and starts at `position`. */
  append(lastOffset: number, position: number): void {
    const relativeOffset = lastOffset - this.baseOffset
    assert(relativeOffset >= 0 && relativeOffset <= 0x7fffffff, `offset ${lastOffset} fits the segment`)
    assert(lastOffset > this.lastOffset, `offset ${lastOffset} follows ${this.lastOffset}`)
    assert(position >= this.lastPosition && position <= 0x7fffffff, `position ${position} fits the segment`)
    const entry = this.#entries.push()
    this.#entries.bytes.writeInt32BE(relativeOffset, entry)
    this.#entries.bytes.writeInt32BE(position, entry + positionField)
  }

  /** Entry number `index`. */
  entry(index: number): OffsetPosition {
    const entry = this.#entries.positionOf(index)
    const { bytes } = this.#entries
    return { offset: this.baseOffset + relativeOffsetAt(bytes, entry), position: positionAt(bytes, entry) }
  }

  /** The greatest entry at or below `offset`, or the start of the segment. The batch with `offset` is at or after it. */
  lookup(offset: number): OffsetPosition {
    const count = this.#countBelowOffset(offset + 1)
    return count === 0 ? { offset: this.baseOffset, position: 0 } : this.entry(count - 1)
  }

  /** The position {@link lookup} finds, without allocating. */
  lookupPosition(offset: number): number {
    const count = this.#countBelowOffset(offset + 1)
    return count === 0 ? 0 : positionAt(this.#entries.bytes, (count - 1) * entrySize)
  }

  /**
   * For a read that ends before byte `endPosition`: the offset of the first entry at or beyond that byte, to which
   * nothing read can come up (Kafka's fetchUpperBoundOffset). `undefined` when no entry is that far.
   */
  upperBoundOffset(endPosition: number): number | undefined {
    const index = this.#entries.countBelow(positionAt, endPosition)
    return index === this.entryCount ? undefined : this.entry(index).offset
  }

  /** Drops the entries with offsets from `offset` on. */
  truncateTo(offset: number): void {
    this.#entries.truncate(this.#countBelowOffset(offset))
  }

  /** True when an entry, after `further` others, would make the file larger than `maxBytes` (Kafka's `segment.index.bytes`). */
  isFull(maxBytes: number, further = 0): boolean {
    return this.sizeBytes + (further + 1) * entrySize > maxBytes
  }

  /** The bytes of the index file: a view, good until entries are next dropped. */
  encode(): Buffer {
    return this.#entries.encodeFrom(0)
  }

  /** The bytes of the index file from entry number `firstIndex` on: a view as in {@link encode}. */
  encodeFrom(firstIndex: number): Buffer {
    return this.#entries.encodeFrom(firstIndex)
  }

  #countBelowOffset(offset: number): number {
    return this.#entries.countBelow(relativeOffsetAt, offset - this.baseOffset)
  }
}

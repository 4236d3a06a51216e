import { assert } from '../base/assert.ts'
import type { Decoded } from './decoded.ts'

/** Reads an integer out of the entry that starts at `position`. */
export type ReadKey = (bytes: Buffer, position: number) => number

/** What one kind of index file looks like. */
export interface IndexFormat {
  readonly entrySize: number
  /**
   * Kafka gives such a file its full size in advance, filled with zeros, and trims it when the segment is closed.
   * After a crash the zeros are still there, and read as entries they would be nonsense.
   */
  readonly preallocated: boolean
  /** What is wrong with the entry at `position`, by itself or after the one at `previous`; `undefined`: nothing. */
  readonly check: (bytes: Buffer, position: number, previous: number | undefined) => string | undefined
}

const initialCapacityCount = 64

/**
 * What the three indexes of a segment have in common: entries of a fixed size, sorted, appended at the end, cut at
 * the end, found by binary search. They are kept as one Buffer with the file's own bytes, so reading the file is a
 * slice of it and writing it is a view.
 */
export class IndexEntries {
  readonly #entrySize: number
  #bytes: Buffer
  #count: number

  /** Takes over `bytes`, whole entries of an index: later appends and cuts overwrite them. */
  constructor(format: IndexFormat, bytes: Buffer = Buffer.alloc(0)) {
    this.#entrySize = format.entrySize
    this.#bytes = bytes
    this.#count = bytes.length / format.entrySize
  }

  /** Checks every entry of an index file and takes over its bytes, as the constructor does. */
  static decode(format: IndexFormat, bytes: Buffer): Decoded<IndexEntries> {
    const { entrySize, preallocated, check } = format
    if (bytes.length % entrySize !== 0)
      return { fault: `its ${bytes.length} bytes are no multiple of ${entrySize}` }
    const entries = new IndexEntries(format, preallocated ? withoutZeroTail(bytes, entrySize) : bytes)
    for (let index = 0; index < entries.count; index++) {
      const position = index * entrySize
      const broken = check(bytes, position, index === 0 ? undefined : position - entrySize)
      if (broken !== undefined) return { fault: `entry ${index} of ${entries.count}: ${broken}` }
    }
    return { value: entries }
  }

  get count(): number {
    return this.#count
  }

  get sizeBytes(): number {
    return this.#count * this.#entrySize
  }

  /** The memory of the entries, for reading and writing at a position. It moves when {@link push} grows it. */
  get bytes(): Buffer {
    return this.#bytes
  }

  /** Where entry number `index` starts in {@link bytes}. */
  positionOf(index: number): number {
    if (!(index >= 0 && index < this.#count)) {
      throw new RangeError(`the index has ${this.#count} entries, so none with the number ${index}`)
    }
    return index * this.#entrySize
  }

  /** Makes room for one more entry and returns its position in {@link bytes}. The caller writes all of it. */
  push(): number {
    const position = this.sizeBytes
    if (position === this.#bytes.length) this.#grow()
    this.#count += 1
    return position
  }

  /** Keeps the first `count` entries. */
  truncate(count: number): void {
    assert(count >= 0 && count <= this.#count, `${count} of ${this.#count} entries can be kept`)
    this.#count = count
  }

  /** How many entries, from the first on, have a key below `bound`. The keys must never fall. Allocates nothing. */
  countBelow(readKey: ReadKey, bound: number): number {
    let low = 0
    let high = this.#count
    while (low < high) {
      const middle = (low + high) >>> 1
      if (readKey(this.#bytes, middle * this.#entrySize) < bound) low = middle + 1
      else high = middle
    }
    return low
  }

  /** A view of the entries from number `firstIndex` on, good until entries are next cut. */
  encodeFrom(firstIndex: number): Buffer {
    return this.#bytes.subarray(Math.min(firstIndex, this.#count) * this.#entrySize, this.sizeBytes)
  }

  #grow(): void {
    const grown = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, initialCapacityCount * this.#entrySize))
    this.#bytes.copy(grown)
    this.#bytes = grown
  }
}

function withoutZeroTail(bytes: Buffer, entrySize: number): Buffer {
  let end = bytes.length
  while (end > 0 && bytes[end - 1] === 0) end -= 1
  return bytes.subarray(0, Math.ceil(end / entrySize) * entrySize)
}

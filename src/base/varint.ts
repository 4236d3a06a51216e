/**
 * Variable-length integers as Kafka's records hold them: zigzag (small negatives stay small), then groups of seven
 * bits, lowest first, the top bit of each byte saying that more follow. A varint carries an int32 in at most 5
 * bytes, a varlong an int64 in at most 10. An unsigned varint is the same without the zigzag.
 */

const varlongBytesMax = 10
/** A byte that more follow: stands for a byte that is not there, so that no end of a number is seen in it. */
const continuation = 0x80

/** Bytes that `value` (int32) takes as a varint: 1 to 5. */
export function sizeOfVarint(value: number): number {
  return sizeOfUnsignedVarint((value << 1) ^ (value >> 31))
}

/** Bytes that `value` (uint32) takes as an unsigned varint: 1 to 5. */
export function sizeOfUnsignedVarint(value: number): number {
  const bits = 32 - Math.clz32(value)
  return bits <= 7 ? 1 : Math.ceil(bits / 7)
}

/** Bytes that `value` (safe integer) takes as a varlong: 1 to 8. */
export function sizeOfVarlong(value: number): number {
  if (isInt32(value)) return sizeOfVarint(value)
  let size = 1
  for (let rest = magnitude(value); rest >= 64; rest = Math.floor(rest / 128)) size++
  return size
}

/** Writes `value` (int32) at `position` and returns the position after it. The caller has checked the room. */
export function writeVarint(bytes: Uint8Array, value: number, position: number): number {
  return writeUnsignedVarint(bytes, (value << 1) ^ (value >> 31), position)
}

/** Writes `value` (uint32) at `position` and returns the position after it. The caller has checked the room. */
export function writeUnsignedVarint(bytes: Uint8Array, value: number, position: number): number {
  let rest = value >>> 0
  let end = position
  while (rest > 0x7f) {
    bytes[end++] = (rest & 0x7f) | 0x80
    rest >>>= 7
  }
  bytes[end++] = rest
  return end
}

/** Writes `value` (safe integer) at `position` and returns the position after it. The caller has checked the room. */
export function writeVarlong(bytes: Uint8Array, value: number, position: number): number {
  if (isInt32(value)) return writeVarint(bytes, value, position)
  // Zigzag would need 54 bits, so its lowest bit, the sign, is put in by hand beside the first six of the magnitude.
  const absolute = magnitude(value)
  let end = position
  bytes[end++] = ((absolute % 64) << 1) | (value < 0 ? 1 : 0) | 0x80
  let rest = Math.floor(absolute / 64)
  while (rest > 0x7f) {
    bytes[end++] = (rest % 128) | 0x80
    rest = Math.floor(rest / 128)
  }
  bytes[end++] = rest
  return end
}

/**
 * A cursor over the range `[position, end)` of `bytes` that reads varints without allocating. It never reads past
 * `end`: whatever cannot be read is reported through `fail`, which must throw.
 */
export class VarintReader {
  readonly bytes: Uint8Array
  readonly end: number
  /** Where the next integer begins. May be moved by the caller to pass over plain bytes. */
  position: number
  readonly #fail: (reason: string) => never

  constructor(bytes: Uint8Array, position: number, end: number, fail: (reason: string) => never) {
    this.bytes = bytes
    this.position = position
    this.end = end
    this.#fail = fail
  }

  /** Reads an int32. */
  readVarint(): number {
    const first = this.bytes[this.position] ?? continuation
    // Lengths, counts and deltas are nearly always one byte, so that case has no loop.
    if (first < 0x80 && this.position < this.end) {
      this.position++
      return (first >>> 1) ^ -(first & 1)
    }
    const raw = this.readUnsignedVarint()
    return (raw >>> 1) ^ -(raw & 1)
  }

  /** Reads a uint32. */
  readUnsignedVarint(): number {
    let value = 0
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.#next()
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) {
        // The fifth byte has room for four bits only.
        if (shift === 28 && byte > 0x0f) break
        return value >>> 0
      }
    }
    return this.#fail('a varint does not fit 32 bits')
  }

  /** Reads an int64, which must fit a `number`. */
  readVarlong(): number {
    const first = this.bytes[this.position] ?? continuation
    if (first < 0x80 && this.position < this.end) {
      this.position++
      return (first >>> 1) ^ -(first & 1)
    }
    return this.#readLongVarlong()
  }

  #readLongVarlong(): number {
    const first = this.#next()
    let absolute = (first & 0x7f) >>> 1
    let byte = first
    let unit = 64
    for (let count = 1; byte >= 0x80; count++) {
      if (count === varlongBytesMax) this.#fail('a varlong does not fit 64 bits')
      byte = this.#next()
      absolute += (byte & 0x7f) * unit
      unit *= 128
    }
    if (absolute > Number.MAX_SAFE_INTEGER) this.#fail('a varlong is beyond the 2^53 that can be represented')
    return (first & 1) === 0 ? absolute : -absolute - 1
  }

  #next(): number {
    if (this.position >= this.end) this.#fail('a varint is cut short')
    return this.bytes[this.position++] ?? continuation
  }
}

/** What zigzag leaves of `value` above the sign bit. */
function magnitude(value: number): number {
  return value < 0 ? -(value + 1) : value
}

function isInt32(value: number): boolean {
  return (value | 0) === value
}

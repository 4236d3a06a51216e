import type { GrowingOutput } from './growing-output.ts'
import { byteAt, wordAt } from './little-endian.ts'
import { LZ4_BLOCK_BYTES, type Lz4Block, lz4ExpansionBytesMax, MALFORMED, OVERFLOW } from './lz4-block.ts'

// The plain twin of `wasm/lz4.wat`: the same greedy search with the same table, so both compress to the same bytes.

/** The end of a block, in bytes, in which no match may start, and which no match may reach. */
const START_MARGIN = 12
const MATCH_MARGIN = 5
const MATCH_BYTES_MIN = 4

/** The last position (relative to the block) whose four bytes had the hash; 0 when none had. */
const table = new Uint16Array(8192)
/** Result of {@link compressTo}, which may be longer than its input by 1/255 and 16 bytes. */
const scratch = new Uint8Array(LZ4_BLOCK_BYTES + Math.ceil(LZ4_BLOCK_BYTES / 255) + 16)

const slotOf = (word: number): number => Math.imul(word, 0x9e3779b1) >>> 19

/** Enters `position` in the table and returns the candidate it displaces, both counted from `origin`. */
function exchange(source: Uint8Array, position: number, origin: number): number {
  const slot = slotOf(wordAt(source, position))
  const candidate = table[slot] ?? 0
  table[slot] = position - origin
  return origin + candidate
}

/** The first position from `at` on with a match, or -1. The match is then {@link foundMatch}. */
let foundMatch = 0
function search(source: Uint8Array, at: number, origin: number, lastStart: number): number {
  // After every 64 misses the step grows by one, so incompressible data is crossed quickly. It ends where the next
  // step would leave the area in which matches start.
  for (let step = 1, misses = 64; at + step <= lastStart + 1; step = misses++ >> 6) {
    foundMatch = exchange(source, at, origin)
    if (wordAt(source, foundMatch) === wordAt(source, at)) return at
    at += step
  }
  return -1
}

/** How many bytes from `a` on equal those from `b` on, up to `end`. */
function common(source: Uint8Array, a: number, b: number, end: number): number {
  const start = a
  while (a < end && source[a] === source[b]) {
    a++
    b++
  }
  return a - start
}

/** Writes what a length has beyond its half of the token. Returns the new end. */
function putLength(to: number, rest: number): number {
  for (; rest >= 255; rest -= 255) scratch[to++] = 255
  scratch[to++] = rest
  return to
}

/** Writes a token and its literals. Returns the new end. */
function putLiterals(to: number, source: Uint8Array, from: number, end: number): number {
  const size = end - from
  scratch[to++] = Math.min(size, 15) << 4
  if (size >= 15) to = putLength(to, size - 15)
  for (let at = from; at < end; at++) scratch[to++] = byteAt(source, at)
  return to
}

/** Compresses `source[start, end)` to {@link scratch}; returns the size. */
function compressTo(source: Uint8Array, start: number, end: number): number {
  const lastStart = end - START_MARGIN
  const matchEnd = end - MATCH_MARGIN
  let to = 0
  let anchor = start
  table.fill(0)
  let at = end - start <= START_MARGIN ? -1 : search(source, start + 1, start, lastStart)
  while (at !== -1) {
    let match = foundMatch
    // The match may begin earlier than where it was found.
    while (at > anchor && match > start && source[at - 1] === source[match - 1]) {
      at--
      match--
    }
    let token = to
    to = putLiterals(to, source, anchor, at)
    for (;;) {
      scratch[to++] = at - match
      scratch[to++] = (at - match) >> 8
      const length = common(source, at + MATCH_BYTES_MIN, match + MATCH_BYTES_MIN, matchEnd)
      scratch[token] = byteAt(scratch, token) | Math.min(length, 15)
      if (length >= 15) to = putLength(to, length - 15)
      at += MATCH_BYTES_MIN + length
      anchor = at
      if (at > lastStart) break
      // Remember one position inside the match, then see whether another match follows at once.
      exchange(source, at - 2, start)
      match = exchange(source, at, start)
      if (wordAt(source, match) !== wordAt(source, at)) break
      token = to
      scratch[to++] = 0
    }
    at = search(source, at + 1, start, lastStart)
  }
  return putLiterals(to, source, anchor, end)
}

/** Reads a length that fills its half of the token, from `readPosition` on; -1 when the input ends inside. */
let readPosition = 0
function readLength(source: Uint8Array, end: number): number {
  let length = 15
  for (;;) {
    if (readPosition >= end) return -1
    const byte = byteAt(source, readPosition++)
    length += byte
    if (byte < 255) return length
  }
}

/** Copies byte by byte, forward: a match may run into its own output. Long plain stretches go in one piece. */
function copyMatch(target: Uint8Array, out: number, distance: number, length: number): void {
  if (length > 48 && distance >= length) {
    target.copyWithin(out, out - distance, out - distance + length)
    return
  }
  for (let i = 0; i < length; i++) target[out + i] = byteAt(target, out - distance + i)
}

function copyLiterals(
  target: Uint8Array,
  out: number,
  source: Uint8Array,
  from: number,
  length: number,
): void {
  if (length > 48) target.set(source.subarray(from, from + length), out)
  else for (let i = 0; i < length; i++) target[out + i] = byteAt(source, from + i)
}

/** Decompresses `source[start, end)` into `target`; returns the size, {@link MALFORMED} or {@link OVERFLOW}. */
function decompressTo(source: Uint8Array, start: number, end: number, target: Uint8Array): number {
  readPosition = start
  for (let out = 0; readPosition < end; ) {
    const token = byteAt(source, readPosition++)
    const literals = token < 0xf0 ? token >> 4 : readLength(source, end)
    if (literals < 0 || literals > end - readPosition) return MALFORMED
    if (literals > target.length - out) return OVERFLOW
    copyLiterals(target, out, source, readPosition, literals)
    out += literals
    readPosition += literals
    if (readPosition === end) return out
    if (end - readPosition < 2) return MALFORMED
    const distance = byteAt(source, readPosition) | (byteAt(source, readPosition + 1) << 8)
    readPosition += 2
    if (distance === 0 || distance > out) return MALFORMED
    const extended = (token & 15) < 15 ? token & 15 : readLength(source, end)
    if (extended < 0) return MALFORMED
    const length = extended + MATCH_BYTES_MIN
    if (length > target.length - out) return OVERFLOW
    copyMatch(target, out, distance, length)
    out += length
  }
  return MALFORMED // the input ended, but not after literals
}

/** LZ4 blocks in plain JavaScript, for runtimes without WebAssembly. */
export const lz4BlockJs: Lz4Block = {
  compress(source, start, end, target, targetStart) {
    const size = compressTo(source, start, end)
    if (size >= end - start) return 0
    target.set(scratch.subarray(0, size), targetStart)
    return size
  },
  decompress(source, start, end, output: GrowingOutput, maxBytes) {
    const room = output.reserve(Math.min(maxBytes, lz4ExpansionBytesMax(end - start)))
    const size = decompressTo(source, start, end, room)
    if (size > 0) output.advance(size)
    return size
  },
}

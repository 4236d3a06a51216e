import { byteAt, wordAt } from './little-endian.ts'

const PRIME_1 = 0x9e3779b1
const PRIME_2 = 0x85ebca77
const PRIME_3 = 0xc2b2ae3d
const PRIME_4 = 0x27d4eb2f
const PRIME_5 = 0x165667b1

const STRIPE_BYTES = 16

const rotate = (value: number, bits: number): number => (value << bits) | (value >>> (32 - bits))

const round = (lane: number, word: number): number =>
  Math.imul(rotate((lane + Math.imul(word, PRIME_2)) | 0, 13), PRIME_1)

/** Four lanes over all whole stripes of 16 bytes, folded into one word. */
function foldStripes(bytes: Uint8Array, end: number, seed: number): number {
  let lane1 = (seed + PRIME_1 + PRIME_2) | 0
  let lane2 = (seed + PRIME_2) | 0
  let lane3 = seed | 0
  let lane4 = (seed - PRIME_1) | 0
  for (let at = 0; at < end; at += STRIPE_BYTES) {
    lane1 = round(lane1, wordAt(bytes, at))
    lane2 = round(lane2, wordAt(bytes, at + 4))
    lane3 = round(lane3, wordAt(bytes, at + 8))
    lane4 = round(lane4, wordAt(bytes, at + 12))
  }
  return rotate(lane1, 1) + rotate(lane2, 7) + rotate(lane3, 12) + rotate(lane4, 18)
}

/** Every bit of the input reaches every bit of the result. */
function avalanche(hash: number): number {
  hash = Math.imul(hash ^ (hash >>> 15), PRIME_2)
  hash = Math.imul(hash ^ (hash >>> 13), PRIME_3)
  return (hash ^ (hash >>> 16)) >>> 0
}

/** xxHash32, the checksum inside LZ4 frames. Result: unsigned 32 bits. */
export function xxhash32(bytes: Uint8Array, seed = 0): number {
  const stripesEnd = bytes.length - (bytes.length % STRIPE_BYTES)
  let hash = stripesEnd > 0 ? foldStripes(bytes, stripesEnd, seed) : seed + PRIME_5
  hash = (hash + bytes.length) | 0
  let at = stripesEnd
  for (; at + 4 <= bytes.length; at += 4) {
    hash = Math.imul(rotate((hash + Math.imul(wordAt(bytes, at), PRIME_3)) | 0, 17), PRIME_4)
  }
  for (; at < bytes.length; at++) {
    hash = Math.imul(rotate((hash + Math.imul(byteAt(bytes, at), PRIME_5)) | 0, 11), PRIME_1)
  }
  return avalanche(hash)
}

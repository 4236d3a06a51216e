import * as fc from 'fast-check'
import { readVector } from './vectors.ts'

const text = readVector('compressed/text-300k.plain')

/** `{ seed }` for fast-check from `TIDEMARK_SEED`, so that a failure can be run again; empty when it is not set. */
export function seeded(): { seed?: number } {
  const seed = process.env['TIDEMARK_SEED']
  return seed === undefined ? {} : { seed: Number(seed) }
}

/** Bytes that no codec makes smaller: a small generator, so that fast-check need only find its seed. */
export function noise(size: number, seed = 1): Buffer {
  const bytes = Buffer.alloc(size)
  let state = seed | 1
  for (let i = 0; i < size; i++) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    bytes[i] = state
  }
  return bytes
}

/** What tends to break codecs: nothing, sizes around the blocks of 32 and 64 KiB, runs, repeats, noise, mixtures. */
export const namedInputs: ReadonlyMap<string, Buffer> = new Map([
  ['nothing', Buffer.alloc(0)],
  ['one byte', Buffer.from([7])],
  ...[12, 13, 14, 32_767, 32_768, 32_769, 65_535, 65_536, 65_537, 200_000].flatMap(
    (size): [string, Buffer][] => [
      [`${size} bytes of text`, text.subarray(0, size)],
      [`${size} zeros`, Buffer.alloc(size)],
      [`${size} bytes of noise`, noise(size)],
    ],
  ),
  ...[1, 2, 3, 5, 7, 8, 11, 15, 16, 17].map((period): [string, Buffer] => [
    `a pattern of ${period} bytes, repeated`,
    Buffer.alloc(5000, noise(period, period)),
  ]),
  ['noise, then the same noise', Buffer.concat([noise(30_000), noise(30_000)])],
])

const pieces = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc
    .tuple(fc.uint8Array({ minLength: 1, maxLength: 20 }), fc.nat(3000))
    .map(([unit, size]) => Buffer.alloc(size, unit)),
  fc.tuple(fc.nat(200_000), fc.nat(70_000)).map(([start, size]) => text.subarray(start, start + size)),
  fc.tuple(fc.nat(40_000), fc.nat()).map(([size, seed]) => noise(size, seed)),
)

/** Mixtures of short random bytes, repeats, text and noise. */
export const anyInput: fc.Arbitrary<Buffer> = fc
  .array(pieces, { maxLength: 4 })
  .map((parts) => Buffer.concat(parts))

/** A change to compressed bytes: flips, a cut, an insertion, a stretch from elsewhere. */
export const anyDamage: fc.Arbitrary<(bytes: Buffer) => Buffer> = fc.oneof(
  fc
    .array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), { minLength: 1, maxLength: 4 })
    .map((flips) => (bytes: Buffer) => {
      const copy = Buffer.from(bytes)
      for (const [at, mask] of flips) copy[at % copy.length] = (copy[at % copy.length] ?? 0) ^ mask
      return copy
    }),
  fc.nat().map((at) => (bytes: Buffer) => bytes.subarray(0, at % bytes.length)),
  fc.tuple(fc.nat(), fc.uint8Array({ minLength: 1, maxLength: 9 })).map(([at, extra]) => (bytes: Buffer) => {
    const cut = at % (bytes.length + 1)
    return Buffer.concat([bytes.subarray(0, cut), extra, bytes.subarray(cut)])
  }),
  fc.tuple(fc.nat(), fc.nat(), fc.nat(64)).map(([to, from, size]) => (bytes: Buffer) => {
    const copy = Buffer.from(bytes)
    copy.copyWithin(to % copy.length, from % copy.length, (from % copy.length) + size)
    return copy
  }),
)

import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { crc32c, crc32cOf, crc32cRange, createCrc32c } from '../../../native-free/crc32c.ts'
import { noise, seeded } from './inputs.ts'
import { readHashVectors } from './vectors.ts'

/** The definition: the polynomial, bit by bit. */
function crc32cByBits(bytes: Uint8Array): number {
  let state = 0xffffffff
  for (const byte of bytes) {
    state ^= byte
    for (let bit = 0; bit < 8; bit++) state = (state >>> 1) ^ (state & 1 ? 0x82f63b78 : 0)
  }
  return ~state >>> 0
}

describe.each(['wasm', 'js'] as const)('crc32c by %s', (implementation) => {
  const range = createCrc32c(implementation)

  test('gives the check value of CRC-32C', () => {
    expect(range(Buffer.from('123456789'), 0, 9)).toBe(0xe3069283)
    expect(range(new Uint8Array(32), 0, 32)).toBe(0x8a9136aa)
  })

  test('agrees with Java', () => {
    for (const { hex, crc32c: expected } of readHashVectors()) {
      expect(range(Buffer.from(hex, 'hex'), 0, hex.length / 2)).toBe(expected)
    }
  })

  test.each([
    0, 1, 15, 16, 17, 48, 49, 64, 2047, 2048, 2049, 2063, 2064, 16_384, 46_079, 46_080, 46_081, 48_127,
    48_128, 150_000,
  ])('agrees with the definition over %d bytes', (size) => {
    const bytes = noise(size + 3)
    expect(range(bytes, 3, size + 3)).toBe(crc32cByBits(bytes.subarray(3)))
  })

  test('of pieces is that of the whole', () => {
    fc.assert(
      fc.property(fc.nat(6000), fc.nat(6000), fc.nat(), (size, at, seed) => {
        const bytes = noise(size, seed)
        const cut = Math.min(at, size)
        const first = range(bytes, 0, cut)
        expect(range(bytes, cut, size, first)).toBe(crc32cByBits(bytes))
      }),
      seeded(),
    )
  })

  test('refuses a range outside of the bytes', () => {
    expect(() => range(new Uint8Array(10), 0, 11)).toThrow(RangeError)
    expect(() => range(new Uint8Array(10), -1, 5)).toThrow(RangeError)
    expect(() => range(new Uint8Array(10), 6, 5)).toThrow(RangeError)
  })
})

test('crc32c and crc32cOf are crc32cRange over all bytes', () => {
  const bytes = noise(1000)
  const expected = crc32cByBits(bytes)
  expect(crc32cRange(bytes, 0, 1000)).toBe(expected)
  expect(crc32c(bytes)).toBe(expected)
  expect(crc32cOf([bytes.subarray(0, 10), bytes.subarray(10, 10), bytes.subarray(10)])).toBe(expected)
  expect(crc32cOf([])).toBe(0)
})

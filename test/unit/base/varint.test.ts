import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  sizeOfUnsignedVarint,
  sizeOfVarint,
  sizeOfVarlong,
  VarintReader,
  writeUnsignedVarint,
  writeVarint,
  writeVarlong,
} from '../../../src/base/varint.ts'

const seeded = process.env.TIDEMARK_SEED ? { seed: Number(process.env.TIDEMARK_SEED) } : {}

function readerOf(bytes: Uint8Array, end = bytes.length): VarintReader {
  return new VarintReader(bytes, 0, end, (reason) => {
    throw new Error(reason)
  })
}

function hexOf(write: (bytes: Buffer) => number): string {
  const bytes = Buffer.alloc(12)
  return bytes.subarray(0, write(bytes)).toString('hex')
}

/** The definition, in integers that never lose a bit. */
function varlongByDefinition(value: number): string {
  let rest = BigInt.asUintN(64, (BigInt(value) << 1n) ^ (BigInt(value) >> 63n))
  const bytes: number[] = []
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80)
  return Buffer.from([...bytes, Number(rest)]).toString('hex')
}

describe('varint', () => {
  test.each([
    [0, '00'],
    [-1, '01'],
    [1, '02'],
    [63, '7e'],
    [-64, '7f'],
    [64, '8001'],
    [-65, '8101'],
    [300, 'd804'],
    [2 ** 31 - 1, 'feffffff0f'],
    [-(2 ** 31), 'ffffffff0f'],
  ])('%d is %s as Kafka writes it', (value, hex) => {
    expect(hexOf((bytes) => writeVarint(bytes, value, 0))).toBe(hex)
    expect(sizeOfVarint(value)).toBe(hex.length / 2)
    expect(readerOf(Buffer.from(hex, 'hex')).readVarint()).toBe(value)
    expect(hexOf((bytes) => writeVarlong(bytes, value, 0))).toBe(hex)
  })

  test('any int32 comes back, and takes the bytes that were foretold', () => {
    fc.assert(
      fc.property(fc.integer(), fc.nat({ max: 0xffff_ffff }), (value, unsigned) => {
        const bytes = Buffer.alloc(10)
        const end = writeUnsignedVarint(bytes, unsigned, writeVarint(bytes, value, 0))
        expect(end).toBe(sizeOfVarint(value) + sizeOfUnsignedVarint(unsigned))
        const reader = readerOf(bytes, end)
        expect([reader.readVarint(), reader.readUnsignedVarint(), reader.position]).toEqual([
          value,
          unsigned,
          end,
        ])
      }),
      seeded,
    )
  })
})

describe('varlong', () => {
  test('any safe integer is written by the definition and comes back', () => {
    const edges = fc
      .integer({ min: 0, max: 52 })
      .chain((bit) => fc.constantFrom(2 ** bit, 2 ** bit - 1, -(2 ** bit), -(2 ** bit) - 1))
    fc.assert(
      fc.property(fc.oneof(fc.maxSafeInteger(), edges), (value) => {
        const hex = varlongByDefinition(value)
        expect(hexOf((bytes) => writeVarlong(bytes, value, 0))).toBe(hex)
        expect(sizeOfVarlong(value)).toBe(hex.length / 2)
        expect(readerOf(Buffer.from(hex, 'hex')).readVarlong()).toBe(value)
      }),
      { ...seeded, numRuns: 500 },
    )
  })

  test.each([
    ['beyond 2^53', 'feffffffffffffffff01'],
    ['eleven bytes', '8080808080808080808001'],
    ['eleven bytes of nothing', '8080808080808080808000'],
    ['cut short', 'ffff'],
  ])('%s is refused', (_, hex) => {
    expect(() => readerOf(Buffer.from(hex, 'hex')).readVarlong()).toThrow(/varlong|varint/)
  })
})

describe('reading', () => {
  test.each([
    ['six bytes', 'ffffffffff01', 6],
    ['33 bits', 'ffffffff1f', 5],
    ['cut short by the end of the range', '8001', 1],
    ['nothing there', '', 0],
    ['one byte beyond the range', '02', 0],
  ])('a varint of %s is refused', (_, hex, end) => {
    expect(() => readerOf(Buffer.from(hex, 'hex'), end).readVarint()).toThrow('varint')
  })
})

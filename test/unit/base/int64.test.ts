import { describe, expect, test } from 'vitest'
import { InvalidRecordError } from '../../../src/base/errors.ts'
import { isSafeInt64, readInt64, writeInt64 } from '../../../src/base/int64.ts'

const values = [
  0,
  1,
  -1,
  255,
  -256,
  2 ** 31,
  -(2 ** 31) - 1,
  2 ** 32 - 1,
  2 ** 32,
  -(2 ** 32),
  1_700_000_000_000,
]
const extremes = [Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER]

describe('int64', () => {
  test.each([...values, ...extremes])('%d is written as BigInt would, and read back', (value) => {
    const buffer = Buffer.alloc(10)
    writeInt64(buffer, value, 1, 'offset')
    expect(buffer.readBigInt64BE(1)).toBe(BigInt(value))
    expect(readInt64(buffer, 1, 'offset')).toBe(value)
    expect(isSafeInt64(buffer, 1)).toBe(true)
  })

  test.each([2n ** 53n, -(2n ** 53n) - 1n, 2n ** 63n - 1n, -(2n ** 63n)])(
    '%d is refused by name',
    (value) => {
      const buffer = Buffer.alloc(8)
      buffer.writeBigInt64BE(value)
      expect(isSafeInt64(buffer, 0)).toBe(false)
      expect(() => readInt64(buffer, 0, 'producerId')).toThrow(InvalidRecordError)
      expect(() => readInt64(buffer, 0, 'producerId')).toThrow(`producerId is ${value}`)
    },
  )

  test.each([2 ** 53, 0.5, Number.NaN, Number.POSITIVE_INFINITY])('%d is not written', (value) => {
    expect(() => writeInt64(Buffer.alloc(8), value, 0, 'offset')).toThrow(RangeError)
  })
})

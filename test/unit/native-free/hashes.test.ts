import { describe, expect, test } from 'vitest'
import { murmur2, toPositive } from '../../../native-free/murmur2.ts'
import { xxhash32 } from '../../../native-free/xxhash32.ts'
import { readHashVectors } from './vectors.ts'

const vectors = readHashVectors().map((vector) => ({ ...vector, bytes: Buffer.from(vector.hex, 'hex') }))

describe('against what Java computes', () => {
  test.each(vectors)('murmur2 of $hex', ({ bytes, murmur2: expected, positive }) => {
    expect(murmur2(bytes)).toBe(expected)
    expect(toPositive(expected)).toBe(positive)
  })

  test.each(vectors)('xxhash32 of $hex', ({ bytes, xxhash32: expected, xxhash32Seed7 }) => {
    expect(xxhash32(bytes)).toBe(expected)
    expect(xxhash32(bytes, 7)).toBe(xxhash32Seed7)
  })
})

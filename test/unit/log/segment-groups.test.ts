import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { groupSegments } from '../../../src/log/segment-groups.ts'
import { checkProperty } from './seeded-property.ts'

const limits = { segmentBytes: 100, indexBytesMax: 50 }

/** Segments one after the other, by size, index size and count of offsets. */
function segments(...given: readonly (readonly [sizeBytes: number, indexBytes: number, offsets?: number])[]) {
  let baseOffset = 0
  return given.map(([sizeBytes, indexBytes, offsets = 10]) => {
    const segment = { baseOffset, nextOffset: baseOffset + offsets, sizeBytes, indexBytes }
    baseOffset += offsets
    return segment
  })
}

const sizesOf = (groups: readonly (readonly { sizeBytes: number }[])[]) =>
  groups.map((group) => group.map(({ sizeBytes }) => sizeBytes))

test('neighbours go together while they fit one segment', () => {
  expect(sizesOf(groupSegments(segments([40, 1], [60, 1], [1, 1], [99, 1], [1, 1]), limits))).toEqual([
    [40, 60],
    [1, 99],
    [1],
  ])
})

test('indexes are counted too', () => {
  expect(sizesOf(groupSegments(segments([10, 25], [10, 25], [10, 1]), limits))).toEqual([[10, 10], [10]])
})

test('relative offsets must fit 31 bits', () => {
  const half = 2 ** 30
  expect(sizesOf(groupSegments(segments([10, 1, half], [11, 1, half], [12, 1, 1]), limits))).toEqual([
    [10, 11],
    [12],
  ])
})

test('a segment that is too large by itself stays alone', () => {
  expect(sizesOf(groupSegments(segments([10, 1], [500, 1], [10, 1]), limits))).toEqual([[10], [500], [10]])
})

test('every segment is in one group, in order, and no group could take the next segment', () => {
  const one = fc.tuple(fc.nat(120), fc.nat(60), fc.integer({ min: 1, max: 2 ** 30 }))
  checkProperty(fc.array(one, { maxLength: 30 }), (given) => {
    const all = segments(...given)
    const groups = groupSegments(all, limits)
    expect(groups.flat()).toEqual(all)
    for (const group of groups.filter(({ length }) => length > 1)) {
      expect(group.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)).toBeLessThanOrEqual(100)
      expect(group.reduce((sum, { indexBytes }) => sum + indexBytes, 0)).toBeLessThanOrEqual(50)
    }
  })
})

import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { OffsetIndex, type OffsetPosition } from '../../../src/log/offset-index.ts'
import { checkProperty } from './seeded-property.ts'

const base = 1000

function indexOf(entries: readonly OffsetPosition[]): OffsetIndex {
  const index = new OffsetIndex(base)
  for (const { offset, position } of entries) index.append(offset, position)
  return index
}

const entriesOf = (index: OffsetIndex) =>
  Array.from({ length: index.entryCount }, (_, number) => index.entry(number))

/** Entries as a segment could have them: offsets rise, positions do not fall. */
const someEntries = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 0, max: 100 })), {
    maxLength: 150,
    size: 'max',
  })
  .map((steps) => {
    let [offset, position] = [base - 1, 0]
    return steps.map(([more, bytes]) => ({ offset: (offset += more), position: (position += bytes) }))
  })

test('writes the bytes of the format', () => {
  const index = indexOf([
    { offset: base + 46, position: 4690 },
    { offset: base + 0x7fffffff, position: 0x7fffffff },
  ])
  expect(index.encode().toString('hex')).toBe('0000002e000012527fffffff7fffffff')
  expect(index.encodeFrom(1).toString('hex')).toBe('7fffffff7fffffff')
  expect(index.encodeFrom(2)).toHaveLength(0)
  expect(index.sizeBytes).toBe(16)
})

test('finds what a search through an array finds', () => {
  checkProperty(fc.tuple(someEntries, fc.integer({ min: -5, max: 800 })), ([entries, probe]) => {
    const index = indexOf(entries)
    const offset = base + probe
    const found = entries.findLast((entry) => entry.offset <= offset) ?? { offset: base, position: 0 }
    expect(index.lookup(offset)).toEqual(found)
    expect(index.lookupPosition(offset)).toBe(found.position)
    expect(index.upperBoundOffset(probe)).toBe(entries.find((entry) => entry.position >= probe)?.offset)
    expect(index.lastOffset).toBe(entries.at(-1)?.offset ?? -1)
    expect(index.lastPosition).toBe(entries.at(-1)?.position ?? 0)
  })
})

test('a read cannot reach the batch that starts where the read ends', () => {
  const index = indexOf([
    { offset: base + 3, position: 10 },
    { offset: base + 6, position: 20 },
  ])
  const bounds = [0, 10, 11, 20, 21].map((endPosition) => index.upperBoundOffset(endPosition))
  expect(bounds).toEqual([base + 3, base + 3, base + 6, base + 6, undefined])
})

test('is cut and goes on as an array would', () => {
  checkProperty(fc.tuple(someEntries, fc.integer({ min: -5, max: 800 })), ([entries, probe]) => {
    const index = indexOf(entries)
    index.truncateTo(base + probe)
    const kept = entries.filter((entry) => entry.offset < base + probe)
    expect(entriesOf(index)).toEqual(kept)
    index.append(base + 5000, 1_000_000)
    expect(entriesOf(index)).toEqual([...kept, { offset: base + 5000, position: 1_000_000 }])
  })
})

test('reads what it wrote, with or without the zeros of a preallocated file', () => {
  checkProperty(fc.tuple(someEntries, fc.integer({ min: 0, max: 20 })), ([entries, zeroCount]) => {
    const bytes = Buffer.concat([indexOf(entries).encode(), Buffer.alloc(8 * zeroCount)])
    const { value } = OffsetIndex.decode(base, bytes)
    expect(value && entriesOf(value)).toEqual(entries)
  })
})

test('zeros that end the last entry belong to it', () => {
  const index = indexOf([{ offset: base + 1, position: 0x1000000 }])
  const { value } = OffsetIndex.decode(base, Buffer.concat([index.encode(), Buffer.alloc(8)]))
  expect(value && entriesOf(value)).toEqual([{ offset: base + 1, position: 0x1000000 }])
})

test('an index that was read grows without touching the bytes around it', () => {
  const file = Buffer.concat([indexOf([{ offset: base + 1, position: 10 }]).encode(), Buffer.alloc(16, 0xff)])
  const { value: index } = OffsetIndex.decode(base, file.subarray(0, 8))
  index?.append(base + 2, 20)
  expect(file.subarray(8)).toEqual(Buffer.alloc(16, 0xff))
  expect(index?.entry(1)).toEqual({ offset: base + 2, position: 20 })
})

describe('refuses', () => {
  test.each([
    ['000000010000000100', 'no multiple of 8'],
    ['00000001000000050000000100000006', 'entry 1 of 2: the relative offset 1 does not follow 1'],
    ['00000002000000050000000300000004', 'entry 1 of 2: the position 4 is before 5'],
    ['8000000100000005', 'entry 0 of 1: the relative offset -2147483647 is negative'],
    ['00000001fffffff0', 'entry 0 of 1: the position -16 is before 0'],
    // Zeros are a preallocated tail only at the end; in the middle they are a write that was lost.
    [
      '000000010000000500000000000000000000000300000009',
      'entry 1 of 3: the relative offset 0 does not follow 1',
    ],
  ])('%s', (hex, fault) => {
    expect(OffsetIndex.decode(base, Buffer.from(hex, 'hex')).fault).toContain(fault)
  })

  test('entries that cannot come next', () => {
    const index = indexOf([{ offset: base + 5, position: 50 }])
    expect(() => index.append(base + 5, 60)).toThrow('follows 1005')
    expect(() => index.append(base + 6, 49)).toThrow('position 49')
    expect(() => index.append(base + 2 ** 31, 60)).toThrow('fits the segment')
    expect(() => indexOf([]).append(base - 1, 0)).toThrow('fits the segment')
    expect(index.entryCount).toBe(1)
    expect(() => index.entry(1)).toThrow(RangeError)
  })
})

test('is full when a further entry would not fit', () => {
  const index = indexOf([{ offset: base, position: 0 }])
  expect([7, 8, 15, 16].map((maxBytes) => index.isFull(maxBytes))).toEqual([true, true, true, false])
})

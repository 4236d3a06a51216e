import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type AbortedTransaction, TransactionIndex } from '../../../src/log/transaction-index.ts'
import { checkProperty } from './seeded-property.ts'

function indexOf(entries: readonly AbortedTransaction[]): TransactionIndex {
  const index = new TransactionIndex()
  for (const entry of entries) index.append(entry)
  return index
}

const entriesOf = (index: TransactionIndex) =>
  Array.from({ length: index.entryCount }, (_, number) => index.entry(number))

/** Aborted transactions as a log could hold them: markers one after the other, each some way after its first offset. */
const someEntries = fc
  .array(
    fc.tuple(
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 30 }),
      fc.integer({ min: 0, max: 30 }),
    ),
    {
      maxLength: 60,
      size: 'max',
    },
  )
  .map((steps) => {
    let lastOffset = 40
    return steps.map(([more, length, unstable]) => {
      lastOffset += more
      const lastStableOffset = lastOffset + 1 - unstable
      return { producerId: length, firstOffset: lastOffset - length, lastOffset, lastStableOffset }
    })
  })

test('writes the bytes of the format', () => {
  const index = indexOf([{ producerId: 2000, firstOffset: 226, lastOffset: 268, lastStableOffset: 269 }])
  const fields = ['0000', '00000000000007d0', '00000000000000e2', '000000000000010c', '000000000000010d']
  expect(index.encode().toString('hex')).toBe(fields.join(''))
  expect(index.sizeBytes).toBe(34)
  expect(index.encodeFrom(1)).toHaveLength(0)
})

test('collects what a search through an array collects', () => {
  const range = fc.tuple(fc.integer({ min: 0, max: 500 }), fc.integer({ min: 1, max: 300 }))
  checkProperty(fc.tuple(someEntries, range), ([entries, [fetchOffset, length]]) => {
    const upperBound = fetchOffset + length
    const last = entries.findIndex((entry) => entry.lastStableOffset >= upperBound)
    const searched = last < 0 ? entries : entries.slice(0, last + 1)
    expect(indexOf(entries).collect(fetchOffset, upperBound)).toEqual({
      entries: searched.filter((entry) => entry.lastOffset >= fetchOffset && entry.firstOffset < upperBound),
      complete: last >= 0,
    })
  })
})

test('is cut, written and read as an array would be', () => {
  checkProperty(fc.tuple(someEntries, fc.integer({ min: 0, max: 500 })), ([entries, offset]) => {
    const { value: index } = TransactionIndex.decode(indexOf(entries).encode())
    expect(index && entriesOf(index)).toEqual(entries)
    index?.truncateTo(offset)
    const kept = entries.filter((entry) => entry.lastOffset < offset)
    expect(index && entriesOf(index)).toEqual(kept)
    expect(index?.lastOffset).toBe(kept.at(-1)?.lastOffset ?? -1)
  })
})

const int64 = (value: number) => value.toString(16).padStart(16, '0')
const entry = (first: number, last: number, version = '0000') =>
  version + int64(9) + int64(first) + int64(last) + int64(last + 1)

describe('refuses', () => {
  test.each([
    [entry(1, 2).slice(2), 'no multiple of 34'],
    [entry(1, 2, '0001'), 'entry 0 of 1: the version is 1, known is only 0'],
    [entry(1, 9) + entry(2, 9), 'entry 1 of 2: the last offset 9 does not follow 9'],
    [entry(9, 9), 'entry 0 of 1: the last offset 9 does not follow the first, 9'],
    [entry(0x20_0000_0000_0000, 9), 'entry 0 of 1: the integer at byte 10 is beyond 2^53'],
    ['0000' + int64(9) + 'ffffffffffffffff' + int64(5) + int64(6), 'entry 0 of 1: an offset is negative'],
    // The file is not preallocated: zeros are a write that was lost.
    [entry(1, 2) + '00'.repeat(34), 'entry 1 of 2'],
    ['00'.repeat(34), 'entry 0 of 1'],
  ])('%s', (hex, fault) => {
    expect(TransactionIndex.decode(Buffer.from(hex, 'hex')).fault).toContain(fault)
  })

  test('markers that cannot come next', () => {
    const index = indexOf([{ producerId: 1, firstOffset: 3, lastOffset: 5, lastStableOffset: 6 }])
    const next = { producerId: 2, lastStableOffset: 6 }
    expect(() => index.append({ ...next, firstOffset: 4, lastOffset: 5 })).toThrow('follows 5')
    expect(() => index.append({ ...next, firstOffset: 7, lastOffset: 7 })).toThrow('follows the first')
    expect(index.entryCount).toBe(1)
  })
})

import { expect, test } from 'vitest'
import { IndexEntries, type IndexFormat } from '../../../src/log/index-entries.ts'

/** Entries of two bytes that may hold anything. */
const format: IndexFormat = { entrySize: 2, preallocated: false, check: () => undefined }
const keyAt = (bytes: Buffer, entry: number) => bytes.readUInt16BE(entry)

function entriesOf(count: number): IndexEntries {
  const entries = new IndexEntries(format)
  for (let key = 0; key < count; key++) {
    const entry = entries.push()
    entries.bytes.writeUInt16BE(key * 10, entry)
  }
  return entries
}

test('keeps every entry however far it grows', () => {
  const entries = entriesOf(1000)
  expect(entries.sizeBytes).toBe(2000)
  for (let key = 0; key < 1000; key++) expect(keyAt(entries.bytes, entries.positionOf(key))).toBe(key * 10)
})

test('counts the entries below a bound', () => {
  const entries = entriesOf(100)
  const counts = [-1, 0, 1, 10, 11, 989, 990, 991, Infinity].map((bound) => entries.countBelow(keyAt, bound))
  expect(counts).toEqual([0, 0, 1, 1, 2, 99, 99, 100, 100])
  expect(entriesOf(0).countBelow(keyAt, 5)).toBe(0)
})

test('shows the bytes of the entries it has, and no more', () => {
  const entries = entriesOf(3)
  entries.truncate(2)
  expect(entries.encodeFrom(0).toString('hex')).toBe('0000000a')
  expect(entries.encodeFrom(1).toString('hex')).toBe('000a')
  expect(entries.encodeFrom(2)).toHaveLength(0)
  expect(entries.encodeFrom(9)).toHaveLength(0)
})

test('refuses numbers of entries it does not have', () => {
  const entries = entriesOf(3)
  expect(() => entries.truncate(4)).toThrow('4 of 3 entries')
  for (const index of [-1, 3, Number.NaN]) expect(() => entries.positionOf(index)).toThrow(RangeError)
})

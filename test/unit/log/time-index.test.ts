import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { TimeIndex, type TimestampOffset } from '../../../src/log/time-index.ts'
import { checkProperty } from './seeded-property.ts'

const base = 1000
const none = { timestamp: -1, offset: base }

function indexOf(entries: readonly TimestampOffset[]): TimeIndex {
  const index = new TimeIndex(base)
  for (const { timestamp, offset } of entries) index.append(timestamp, offset)
  return index
}

const entriesOf = (index: TimeIndex) =>
  Array.from({ length: index.entryCount }, (_, number) => index.entry(number))

/** Largest timestamps so far, as a growing segment would tell them: some told twice, and timestamp 0 among them. */
const someTellings = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 1, max: 5 })), {
    maxLength: 150,
    size: 'max',
  })
  .map((steps) => {
    let [timestamp, offset] = [0, base]
    return steps.map(([ms, more]) => ({ timestamp: (timestamp += ms), offset: (offset += more) }))
  })

const risen = (tellings: readonly TimestampOffset[]) =>
  tellings.filter((entry, number) => entry.timestamp > (tellings[number - 1]?.timestamp ?? -1))

test('writes the bytes of the format', () => {
  const index = indexOf([{ timestamp: 1700000006009, offset: base + 46 }])
  expect(index.encode().toString('hex')).toBe('0000018bcfe57f790000002e')
  expect(index.encodeFrom(1)).toHaveLength(0)
})

test('keeps only timestamps above the last one', () => {
  const index = new TimeIndex(base)
  expect(index.lastEntry).toEqual(none)
  expect(index.append(-1, base + 1)).toBe(false)
  expect(index.append(50, base + 2)).toBe(true)
  expect(index.append(50, base + 3)).toBe(false)
  expect(index.append(49, base + 4)).toBe(false)
  expect(index.append(51, base + 5)).toBe(true)
  expect(entriesOf(index)).toEqual([
    { timestamp: 50, offset: base + 2 },
    { timestamp: 51, offset: base + 5 },
  ])
  expect(index.lastEntry).toEqual({ timestamp: 51, offset: base + 5 })
  expect(() => index.append(60, base + 4)).toThrow('follows 1005')
})

test('finds, is cut and goes on as an array would', () => {
  checkProperty(fc.tuple(someTellings, fc.integer({ min: -5, max: 500 })), ([tellings, probe]) => {
    const index = indexOf(tellings)
    const entries = risen(tellings)
    expect(entriesOf(index)).toEqual(entries)
    expect(index.lookup(probe)).toEqual(entries.findLast((entry) => entry.timestamp <= probe) ?? none)
    index.truncateTo(base + probe)
    const kept = entries.filter((entry) => entry.offset < base + probe)
    expect(entriesOf(index)).toEqual(kept)
    expect(index.lastEntry).toEqual(kept.at(-1) ?? none)
    index.append(10_000, base + 10_000)
    expect(index.lastEntry).toEqual({ timestamp: 10_000, offset: base + 10_000 })
  })
})

test('reads what it wrote, with or without the zeros of a preallocated file', () => {
  checkProperty(fc.tuple(someTellings, fc.integer({ min: 0, max: 20 })), ([tellings, zeroCount]) => {
    const bytes = Buffer.concat([indexOf(tellings).encode(), Buffer.alloc(12 * zeroCount)])
    const { value } = TimeIndex.decode(base, bytes)
    expect(value && entriesOf(value)).toEqual(risen(tellings))
  })
})

/** An entry by the hex digits of its two fields. */
const entry = (timestamp: string, relativeOffset: string) =>
  timestamp.padStart(16, '0') + relativeOffset.padStart(8, '0')

describe('refuses', () => {
  test.each([
    [entry('5', '1') + '00', 'no multiple of 12'],
    [entry('5', '1') + entry('5', '2'), 'entry 1 of 2: the timestamp 5 does not follow 5'],
    [entry('5', '3') + entry('6', '2'), 'entry 1 of 2: the relative offset 2 is before 3'],
    [entry('ffffffffffffffff', '1'), 'entry 0 of 1: the timestamp -1 does not follow -1'],
    [entry('20000000000000', '1'), 'entry 0 of 1: the timestamp is beyond 2^53'],
    [entry('5', 'ffffffff'), 'entry 0 of 1: the relative offset -1 is before 0'],
  ])('%s', (hex, fault) => {
    expect(TimeIndex.decode(base, Buffer.from(hex, 'hex')).fault).toContain(fault)
  })
})

test('is full while one slot is left, for the final entry', () => {
  const index = indexOf([{ timestamp: 5, offset: base }])
  expect([12, 24, 35, 36].map((maxBytes) => index.isFull(maxBytes))).toEqual([true, true, true, false])
})

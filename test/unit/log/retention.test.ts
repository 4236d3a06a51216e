import { describe, expect, test } from 'vitest'
import { deletableSegments, type RetainedSegment, type RetentionPolicy } from '../../../src/log/retention.ts'

/** Four segments of 100 bytes and 10 offsets, a minute apart; the log starts at offset 0. */
const segments: RetainedSegment[] = [0, 1, 2, 3].map((index) => ({
  sizeBytes: 100,
  nextOffset: 10 * (index + 1),
  timestampMs: 60_000 * index,
}))

function reasons(policy: Partial<RetentionPolicy>, { startOffset = 0, nowMs = 180_000, of = segments } = {}) {
  const totalBytes = of.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  return deletableSegments(
    of,
    { retentionMs: Infinity, retentionBytes: Infinity, ...policy },
    startOffset,
    totalBytes,
    nowMs,
  )
}

test('nothing is deleted unless something says so', () => {
  expect(reasons({})).toEqual([])
  expect(reasons({}, { of: [] })).toEqual([])
})

describe('by start offset', () => {
  test.each([
    [9, 0],
    [10, 1],
    [11, 1],
    [20, 2],
    [40, 4],
  ])('a log that starts at %d gives up %d', (startOffset, count) => {
    expect(reasons({}, { startOffset })).toEqual(Array.from({ length: count }, () => 'start offset'))
  })
})

describe('by size', () => {
  test.each([
    [401, 0],
    [400, 0],
    [301, 0],
    [300, 1],
    [299, 1],
    [200, 2],
    [1, 3],
    [0, 4],
  ])('what remains is not below %d bytes when %d go', (retentionBytes, count) => {
    expect(reasons({ retentionBytes })).toEqual(Array.from({ length: count }, () => 'size'))
  })
})

describe('by time', () => {
  test('what is older than retentionMs goes, and not what is just as old', () => {
    expect(reasons({ retentionMs: 180_000 })).toEqual([])
    expect(reasons({ retentionMs: 179_999 })).toEqual(['time'])
    expect(reasons({ retentionMs: 60_000 })).toEqual(['time', 'time'])
    expect(reasons({ retentionMs: 0 })).toEqual(['time', 'time', 'time'])
    expect(reasons({ retentionMs: 0 }, { nowMs: 180_001 })).toHaveLength(4)
  })

  test('a segment whose time lies ahead keeps those behind it', () => {
    const of = segments.map((segment, index) => (index === 1 ? { ...segment, timestampMs: 1e12 } : segment))
    expect(reasons({ retentionMs: 10 }, { of })).toEqual(['time'])
  })
})

test('reasons may follow on each other, in order, and end with the first segment that stays', () => {
  expect(reasons({ retentionBytes: 200, retentionMs: 60_000 }, { startOffset: 10, nowMs: 190_000 })).toEqual([
    'start offset',
    'size',
    'time',
  ])
})

test('a segment that went by its start counts as gone for the size', () => {
  expect(reasons({ retentionBytes: 300 }, { startOffset: 10 })).toEqual(['start offset'])
})

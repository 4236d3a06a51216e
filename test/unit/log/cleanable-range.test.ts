import { describe, expect, test } from 'vitest'
import {
  type CleanableLog,
  type CleanableRange,
  cleanableRange,
  dirtyRatio,
  isCompactionDue,
} from '../../../src/log/cleanable-range.ts'

/** Four sealed segments of 100 bytes and ten offsets each, 10 ms apart, and the active one. */
const log: CleanableLog = {
  segments: [0, 10, 20, 30, 40].map((baseOffset) => ({
    baseOffset,
    sizeBytes: 100,
    timestampMs: 1000 + baseOffset,
  })),
  firstDirtyOffset: undefined,
  startOffset: 0,
  endOffset: 45,
  lastStableOffset: 45,
  minCompactionLagMs: 0,
  nowMs: 2000,
}

const rangeOf = (given: Partial<CleanableLog>) => cleanableRange({ ...log, ...given })

describe('the cleanable range', () => {
  test('is all but the active segment', () => {
    expect(rangeOf({})).toEqual({ firstDirtyOffset: 0, endOffset: 40, cleanBytes: 0, dirtyBytes: 400 })
  })

  test('begins to be dirty where the last pass ended', () => {
    expect(rangeOf({ firstDirtyOffset: 20 })).toMatchObject({ cleanBytes: 200, dirtyBytes: 200 })
    // A segment that was mapped in part is both.
    expect(rangeOf({ firstDirtyOffset: 25 })).toMatchObject({ cleanBytes: 300, dirtyBytes: 200 })
    expect(rangeOf({ firstDirtyOffset: 40 })).toMatchObject({ cleanBytes: 400, dirtyBytes: 0 })
  })

  test.each([
    ['before the start of the log', { firstDirtyOffset: 5, startOffset: 12 }, 12],
    ['beyond its end', { firstDirtyOffset: 46 }, 0],
  ])('takes a first dirty offset %s for none', (_, given, firstDirtyOffset) => {
    expect(rangeOf(given)).toMatchObject({ firstDirtyOffset })
  })

  test('ends before the segment that holds the last stable offset', () => {
    expect(rangeOf({ lastStableOffset: 35 })).toMatchObject({ endOffset: 30, dirtyBytes: 300 })
    expect(rangeOf({ lastStableOffset: 30 })).toMatchObject({ endOffset: 30 })
    expect(rangeOf({ lastStableOffset: 29 })).toMatchObject({ endOffset: 20 })
    expect(rangeOf({ lastStableOffset: 3 })).toMatchObject({ endOffset: 0, dirtyBytes: 0 })
  })

  test('ends before the first segment that is too young', () => {
    // Kafka: the largest timestamp is greater than now less the lag.
    expect(rangeOf({ minCompactionLagMs: 971 })).toMatchObject({ endOffset: 30 })
    expect(rangeOf({ minCompactionLagMs: 970 })).toMatchObject({ endOffset: 40 })
    expect(rangeOf({ minCompactionLagMs: 10_000 })).toMatchObject({ endOffset: 0 })
  })

  test('is empty in a log of one segment', () => {
    expect(rangeOf({ segments: log.segments.slice(4), startOffset: 40 })).toEqual({
      firstDirtyOffset: 40,
      endOffset: 40,
      cleanBytes: 0,
      dirtyBytes: 0,
    })
  })
})

const range = (cleanBytes: number, dirtyBytes: number): CleanableRange => ({
  ...{ firstDirtyOffset: 0, endOffset: 1 },
  cleanBytes,
  dirtyBytes,
})

test('the dirty ratio is the share of dirty bytes', () => {
  expect(dirtyRatio(range(300, 100))).toBe(0.25)
  expect(dirtyRatio(range(0, 100))).toBe(1)
  expect(dirtyRatio(range(0, 0))).toBe(0)
})

describe('a pass is due', () => {
  const threshold = { minCleanableDirtyRatio: 0.5, maxCompactionLagMs: 1000 }

  test('when more than the share is dirty', () => {
    expect(isCompactionDue(range(100, 100), threshold, 2000, 2000)).toBe(false)
    expect(isCompactionDue(range(100, 101), threshold, 2000, 2000)).toBe(true)
  })

  test('when a dirty record has waited for too long', () => {
    expect(isCompactionDue(range(100, 1), threshold, 1000, 2000)).toBe(false)
    expect(isCompactionDue(range(100, 1), threshold, 999, 2000)).toBe(true)
    expect(isCompactionDue(range(100, 1), threshold, undefined, 2000)).toBe(false)
  })

  test('never when nothing is dirty', () => {
    expect(isCompactionDue(range(100, 0), { ...threshold, minCleanableDirtyRatio: 0 }, 0, 2000)).toBe(false)
  })
})

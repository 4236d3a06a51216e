import { describe, expect, test } from 'vitest'
import type { File } from '../../../src/env/env.ts'
import { findNextBatch, isBatchAt, scanSegment } from '../../../src/log/scan.ts'
import { MemoryFiles } from '../../../src/testing/memory-files.ts'
import { batchOf, range } from './log-setup.ts'

function fileOf(bytes: Buffer): File {
  const file = new MemoryFiles().openSync('/segment', 'write')
  if (bytes.length > 0) file.writevSync([bytes], 0)
  return file
}

const batches = range(0, 5).map((index) =>
  batchOf([{ value: 'x'.repeat(100 * index) }, { value: 'y' }], { baseOffset: 2 * index }),
)
const positions = batches.map((_, index) => Buffer.concat(batches.slice(0, index)).length)
const all = Buffer.concat(batches)
/** Where batch number `index` begins; the end for the one after the last. */
const start = (index: number) => positions[index] ?? all.length

/** Scans and tells where it stopped and which offsets it was shown. */
async function scanned(bytes: Buffer, { from = 0, end = bytes.length, refuse = -1 } = {}) {
  const shown: number[] = []
  const stop = await scanSegment(fileOf(bytes), {
    start: from,
    end,
    onBatch(batch, position) {
      expect(position).toBe(start(batch.baseOffset / 2))
      if (batch.baseOffset === refuse) return 'not here'
      shown.push(batch.baseOffset)
      return undefined
    },
  })
  return { ...stop, shown }
}

test('whole batches are shown one by one, up to the end', async () => {
  expect(await scanned(all)).toEqual({
    kind: 'end',
    position: all.length,
    reason: '',
    shown: [0, 2, 4, 6, 8],
  })
  expect(await scanned(Buffer.alloc(0))).toEqual({ kind: 'end', position: 0, reason: '', shown: [] })
})

test('a scan may begin and end between any batches', async () => {
  for (const from of range(0, 6))
    for (const end of range(from, 6))
      expect(await scanned(all, { from: start(from), end: start(end) })).toMatchObject({
        kind: 'end',
        position: start(end),
        shown: range(from, end).map((index) => 2 * index),
      })
})

test('a file cut at any byte is incomplete behind its last whole batch', async () => {
  for (let length = 0; length < all.length; length++) {
    const index = range(0, 5).filter((each) => start(each + 1) <= length).length
    expect(await scanned(all.subarray(0, length))).toMatchObject({
      kind: length === start(index) ? 'end' : 'incomplete',
      position: start(index),
      shown: range(0, index).map((each) => 2 * each),
    })
  }
})

test('zeros, and other things that are no batch, end a scan where they begin', async () => {
  for (const tail of [Buffer.alloc(17), Buffer.alloc(5000), Buffer.alloc(100, 0xff)])
    expect(await scanned(Buffer.concat([all, tail]))).toMatchObject({ kind: 'invalid', position: all.length })
  // Less than says what it is counts as cut off.
  expect(await scanned(Buffer.concat([all, Buffer.alloc(16)]))).toMatchObject({
    kind: 'incomplete',
    position: all.length,
  })
})

test('any flipped bit behind the header of a batch is met at that batch', async () => {
  for (let position = start(2) + 16; position < start(3); position++) {
    const bytes = Buffer.from(all)
    bytes[position] = (bytes[position] ?? 0) ^ 0x40
    const stop = await scanned(bytes)
    expect(stop).toMatchObject({ position: start(2), shown: [0, 2] })
    expect(stop.kind).not.toBe('end')
    expect(stop.reason).not.toBe('')
  }
})

test('a batch that may not stand where it does ends the scan with the reason', async () => {
  expect(await scanned(all, { refuse: 4 })).toEqual({
    kind: 'invalid',
    position: start(2),
    reason: 'not here',
    shown: [0, 2],
  })
})

describe('a batch larger than what is read at once', () => {
  const large = batchOf([{ value: Buffer.alloc(5 * 1024 * 1024, 'tidemark') }], { baseOffset: 2 })
  const small = [
    batchOf([{ value: 'a' }, { value: 'b' }], { baseOffset: 0 }),
    batchOf([{ value: 'c' }], { baseOffset: 3 }),
  ]
  const bytes = Buffer.concat([small[0] ?? large, large, small[1] ?? large])
  const at = small[0]?.length ?? 0

  async function offsetsOf(content: Buffer) {
    const shown: number[] = []
    const progress: number[] = []
    const stop = await scanSegment(fileOf(content), {
      start: 0,
      end: content.length,
      onBatch: (batch) => void shown.push(batch.baseOffset),
      onProgress: (scannedBytes) => progress.push(scannedBytes),
    })
    return { ...stop, shown, progress }
  }

  test('is checked piece by piece, and those around it too', async () => {
    const { progress, ...stop } = await offsetsOf(bytes)
    expect(stop).toEqual({ kind: 'end', position: bytes.length, reason: '', shown: [0, 2, 3] })
    expect(progress.length).toBeGreaterThan(2)
  })

  test('is damaged by one bit anywhere in it', async () => {
    for (const position of [at + 30, at + 61, at + 3_000_000, at + large.length - 1]) {
      const damaged = Buffer.from(bytes)
      damaged[position] = (damaged[position] ?? 0) ^ 1
      expect(await offsetsOf(damaged)).toMatchObject({ kind: 'invalid', position: at, shown: [0] })
    }
  })

  test('is incomplete when its end is missing', async () => {
    for (const length of [at + 17, at + 61, at + 3_000_000, at + large.length - 1])
      expect(await offsetsOf(bytes.subarray(0, length))).toMatchObject({
        kind: 'incomplete',
        position: at,
        shown: [0],
      })
  })

  test('is at its place', () => {
    expect(isBatchAt(fileOf(bytes), at, bytes.length)).toBe(true)
    expect(isBatchAt(fileOf(bytes), at + 1, bytes.length)).toBe(false)
  })
})

describe('the next batch behind damage', () => {
  test('is found wherever it begins', async () => {
    for (const gap of [1, 10, 60, 61, 1000, 5000]) {
      const bytes = Buffer.concat([Buffer.alloc(gap, 2), all])
      expect(await findNextBatch(fileOf(bytes), 0, bytes.length, 0)).toBe(gap)
    }
  })

  test('is found behind a window, across the seam of two, and not where there is none', async () => {
    const window = 2 * 1024 * 1024
    for (const gap of [window - 100, window - 61, window - 30, window, window + 1, 2 * window - 70]) {
      const bytes = Buffer.concat([Buffer.alloc(gap), all])
      expect(await findNextBatch(fileOf(bytes), 0, bytes.length, 0)).toBe(gap)
    }
    const nothing = Buffer.alloc(3 * window, 2)
    expect(await findNextBatch(fileOf(nothing), 0, nothing.length, 0)).toBe(-1)
    expect(await findNextBatch(fileOf(Buffer.alloc(0)), 0, 0, 0)).toBe(-1)
  })

  test('is whole, right, and not of offsets that were had before', async () => {
    const bytes = Buffer.from(all)
    expect(await findNextBatch(fileOf(bytes), 1, bytes.length, 0)).toBe(start(1))
    expect(await findNextBatch(fileOf(bytes), 1, bytes.length, 6)).toBe(start(3))
    bytes[start(1) + 70] = (bytes[start(1) + 70] ?? 0) ^ 1
    expect(await findNextBatch(fileOf(bytes), 1, bytes.length, 0)).toBe(start(2))
    expect(await findNextBatch(fileOf(bytes), start(4) + 1, bytes.length, 0)).toBe(-1)
    expect(
      await findNextBatch(fileOf(bytes.subarray(0, bytes.length - 1)), start(3) + 1, bytes.length - 1, 0),
    ).toBe(-1)
  })
})

test('a batch is at its place and nowhere else', () => {
  const file = fileOf(all)
  for (let position = 0; position < all.length; position++)
    expect(isBatchAt(file, position, all.length)).toBe(positions.includes(position))
  expect(isBatchAt(file, start(4), all.length - 1)).toBe(false)
  expect(isBatchAt(file, all.length, all.length)).toBe(false)
})

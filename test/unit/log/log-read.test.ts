import { describe, expect, test } from 'vitest'
import { OffsetOutOfRangeError, StorageError } from '../../../src/base/errors.ts'
import type { ReadFrom, ReadOptions } from '../../../src/log/log-options.ts'
import { faultyFiles } from '../../../src/testing/faulty-files.ts'
import {
  appendEach,
  batchOf,
  directory,
  filled,
  offsetsIn,
  open,
  range,
  startMs,
  stillWorld,
  valuesIn,
  valuesOf,
} from './log-setup.ts'

describe('from', () => {
  test('is the earliest record unless told otherwise', async () => {
    const { log } = await filled()
    expect(await offsetsIn(log)).toEqual(range(0, 60))
    expect(await offsetsIn(log, { from: 'earliest' })).toEqual(range(0, 60))
    await log.trim(33)
    expect(await offsetsIn(log)).toEqual(range(33, 60))
  })

  test('may be any offset, at the beginning of a batch or inside', async () => {
    const { log } = await filled()
    for (let from = 0; from <= 60; from++) expect(await offsetsIn(log, { from })).toEqual(range(from, 60))
  })

  test('as the latest reads nothing', async () => {
    const { log } = await filled()
    expect(await offsetsIn(log, { from: 'latest' })).toEqual([])
  })

  test('as a time begins with the first record at or after it', async () => {
    const { log } = await filled()
    for (let batch = 0; batch < 30; batch++) {
      const timestamp = startMs + 10 * (batch + 1)
      expect(await offsetsIn(log, { from: { timestamp } })).toEqual(range(2 * batch, 60))
      expect(await offsetsIn(log, { from: { timestamp: new Date(timestamp - 5) } })).toEqual(
        range(2 * batch, 60),
      )
    }
    expect(await offsetsIn(log, { from: { timestamp: 0 } })).toEqual(range(0, 60))
    expect(await offsetsIn(log, { from: { timestamp: startMs + 301 } })).toEqual([])
  })

  test('outside of the log is refused', async () => {
    const { log } = await filled()
    await log.trim(20)
    for (const from of [-1, 0, 19, 61, Number.MAX_SAFE_INTEGER]) {
      const read = () => log.read({ from })
      expect(read).toThrow(OffsetOutOfRangeError)
      expect(read).toThrow(`offset ${from} is outside the log, which holds offsets from 20 up to 60`)
    }
  })

  test.each<[unknown]>([
    ['first'],
    [1.5],
    [Number.NaN],
    [null],
    [5n],
    [{}],
    [{ timestamp: 'yesterday' }],
    [{ timestamp: new Date('nonsense') }],
    [{ timestamp: Number.NaN }],
    [new Date()],
  ])('is not %s', async (from) => {
    const { log } = await filled()
    expect(() => log.read({ from: from as ReadFrom })).toThrow(TypeError)
    expect(() => log.readBatches({ from: from as ReadFrom })).toThrow(/^from(\.timestamp)? must be /)
  })
})

describe('to', () => {
  test('ends a read before it, at the end of a batch or inside', async () => {
    const { log } = await filled()
    for (let to = 0; to <= 60; to++) expect(await offsetsIn(log, { to })).toEqual(range(0, to))
    expect(await offsetsIn(log, { from: 10, to: 10 })).toEqual([])
    expect(await offsetsIn(log, { from: 10, to: 5 })).toEqual([])
  })

  test('beyond the end of the log waits for nothing', async () => {
    const { log } = await filled()
    expect(await offsetsIn(log, { from: 50, to: 100 })).toEqual(range(50, 60))
    expect(await offsetsIn(log, { from: 60, to: Infinity })).toEqual([])
  })

  test.each([[undefined], [100], [Infinity]])(
    'is the end of the log as reading begins, unless it comes earlier: %s',
    async (to) => {
      const { log } = await filled()
      const read = log.read({ from: 58, ...(to !== undefined && { to }) })
      await log.append({ value: 'later' })
      const values = []
      for await (const { value } of read) values.push(value?.toString())
      expect(values).toEqual(['58', '59'])
    },
  )

  test.each<[unknown]>([['10'], [Number.NaN], [2.5], [null]])('is not %j', async (to) => {
    const { log } = await filled()
    expect(() => log.read({ to } as ReadOptions)).toThrow(TypeError)
  })
})

describe('maxBytes', () => {
  test.each([[1], [61], [100], [500], [1024], [100_000]])(
    'of %d gives every record, a batch at a time if need be',
    async (maxBytes) => {
      const { log } = await filled()
      expect(await offsetsIn(log, { maxBytes })).toEqual(range(0, 60))
    },
  )

  test('smaller than a batch still gives the batch', async () => {
    const log = await open({ env: stillWorld().env })
    const values = [...valuesOf(3, 300_000), 'small']
    await appendEach(log, ...values)
    expect(await valuesIn(log, { maxBytes: 10 })).toEqual(values)
    expect(await valuesIn(log, { maxBytes: 100_000 })).toEqual(values)
  })

  test.each([[0], [-1], [1.5], [Number.NaN], ['10']])('is not %s', async (maxBytes) => {
    const { log } = await filled()
    expect(() => log.read({ maxBytes } as ReadOptions)).toThrow(RangeError)
  })
})

describe('get', () => {
  test('finds every record, and none at the end', async () => {
    const { log } = await filled()
    for (let offset = 0; offset < 60; offset++) {
      expect(log.get(offset)).toMatchObject({ offset })
      expect(log.get(offset)?.value?.toString()).toBe(`${offset}`)
    }
    expect(log.get(60)).toBeUndefined()
  })

  test('hands out records that stay as they are', async () => {
    const { log } = await filled()
    const records = range(0, 60).map((offset) => log.get(offset))
    log.offsetForTimestamp(startMs + 100)
    expect(records.map((record) => record?.value?.toString())).toEqual(range(0, 60).map(String))
  })

  test('refuses an offset that the log does not hold', async () => {
    const { log } = await filled()
    await log.trim(5)
    expect(() => log.get(61)).toThrow(OffsetOutOfRangeError)
    expect(() => log.get(4)).toThrow(OffsetOutOfRangeError)
    expect(() => log.get(-1)).toThrow(OffsetOutOfRangeError)
    expect(log.get(5)?.value?.toString()).toBe('5')
    for (const offset of [1.5, Number.NaN, '5', null])
      expect(() => log.get(offset as number)).toThrow(TypeError)
  })
})

describe('offsetForTimestamp', () => {
  test('is the first record at or after it, of a batch or of a whole log with one time', async () => {
    const { env } = stillWorld()
    const log = await open({ env, indexIntervalBytes: 0 })
    for (let batch = 0; batch < 10; batch++)
      await log.append(range(0, 5).map((index) => ({ value: 'x', timestamp: batch < 5 ? 100 : 200 + index })))
    expect(log.offsetForTimestamp(99)).toEqual({ offset: 0, timestamp: 100 })
    expect(log.offsetForTimestamp(100)).toEqual({ offset: 0, timestamp: 100 })
    expect(log.offsetForTimestamp(101)).toEqual({ offset: 25, timestamp: 200 })
    expect(log.offsetForTimestamp(204)).toEqual({ offset: 29, timestamp: 204 })
    expect(log.offsetForTimestamp(205)).toBeUndefined()
    await log.close()
    const again = await open({ env, indexIntervalBytes: 0 })
    expect(again.offsetForTimestamp(100)).toEqual({ offset: 0, timestamp: 100 })
    expect(again.offsetForTimestamp(204)).toEqual({ offset: 29, timestamp: 204 })
  })

  test('is what a search through all records finds, whatever their order in time', async () => {
    const { env } = stillWorld()
    const log = await open({ env, segmentBytes: 1024, indexIntervalBytes: 100 })
    const times: number[] = []
    for (let batch = 0; batch < 40; batch++) {
      const timestamps = range(0, 1 + (batch % 4)).map((index) => (batch * 37 + index * 11) % 101)
      times.push(...timestamps)
      await log.append(timestamps.map((timestamp) => ({ value: 'x'.repeat(20), timestamp })))
    }
    await log.trim(7)
    for (let timestamp = 0; timestamp <= 101; timestamp++) {
      const offset = times.findIndex((each, index) => index >= 7 && each >= timestamp)
      expect(log.offsetForTimestamp(timestamp)).toEqual(
        offset < 0 ? undefined : { offset, timestamp: times[offset] },
      )
    }
  })
})

test('batches are handed out as they are stored, markers included', async () => {
  const log = await open({ env: stillWorld().env })
  const stored = [
    batchOf([{ value: 'a' }], { compression: 'gzip' }),
    batchOf([{ value: 'b' }, { value: 'c' }]),
  ]
  for (const batch of stored) await log.appendBatch(batch)
  const read: Buffer[] = []
  for await (const { buffer, start, endPosition } of log.readBatches())
    read.push(buffer.subarray(start, endPosition))
  expect(read).toEqual(stored)
  const inside: number[] = []
  for await (const { baseOffset } of log.readBatches({ from: 2 })) inside.push(baseOffset)
  expect(inside).toEqual([1])
})

test('what was read stays as it is while the log goes on', async () => {
  const { log } = await filled()
  const records = []
  for await (const record of log.read({ maxBytes: 100 })) records.push(record)
  await log.truncate(0)
  await appendEach(log, ...valuesOf(100))
  expect(records.map(({ value }) => value?.toString())).toEqual(range(0, 60).map(String))
})

describe('a disk that does not read', () => {
  test.each([
    ['small', 100],
    ['large', 100_000],
  ])('fails a %s read with its cause, and only that', async (_, size) => {
    const { env } = stillWorld()
    const files = faultyFiles(env.files)
    const log = await open({ env: { ...env, files } })
    await appendEach(log, ...valuesOf(2, size))
    files.use([{ kind: 'read', fault: 'EIO', path: /\.log$/ }])
    const error: unknown = await valuesIn(log).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(StorageError)
    expect(error).toMatchObject({ code: 'ERR_STORAGE', cause: { code: 'EIO' } })
    expect(await valuesIn(log)).toEqual(valuesOf(2, size))
    files.use([{ kind: 'read', fault: 'EIO', path: /\.log$/ }])
    expect(() => log.get(0)).toThrow(StorageError)
  })

  test('fails the search for a time with its cause', async () => {
    const { env } = stillWorld()
    const files = faultyFiles(env.files)
    const log = await open({ env: { ...env, files } })
    await appendEach(log, 'a')
    files.use([{ kind: 'read', fault: 'EIO', path: /\.log$/ }])
    expect(() => log.offsetForTimestamp(0)).toThrow(StorageError)
    expect(() => log.get(0)).not.toThrow()
  })

  test('that has lost a segment says so', async () => {
    const { log, env } = await filled()
    await log.close()
    const again = await open({ env })
    env.files.removeSync(`${directory}/00000000000000000000.log`)
    expect(() => again.get(0)).toThrow(StorageError)
    await expect(valuesIn(again)).rejects.toThrow('00000000000000000000.log')
  })
})

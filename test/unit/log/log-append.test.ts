import { describe, expect, test } from 'vitest'
import {
  InvalidTimestampError,
  OffsetMismatchError,
  QueueFullError,
  RecordTooLargeError,
} from '../../../src/base/errors.ts'
import type { CompressionName } from '../../../src/batch/compression.ts'
import type { RecordInput } from '../../../src/batch/record-input.ts'
import type { LogOptions } from '../../../src/log/log-options.ts'
import { open, startMs, stillWorld, valuesIn, valuesOf } from './log-setup.ts'

const openHere = (options: Omit<LogOptions, 'env'> = {}) => open({ env: stillWorld().env, ...options })

describe('offsets', () => {
  test('begin with 0 and follow each other, also over a batch', async () => {
    const log = await openHere()
    expect(await log.append({ value: 'a' })).toEqual({
      baseOffset: 0,
      lastOffset: 0,
      timestamp: startMs,
      duplicate: false,
    })
    expect(await log.append([{ value: 'b' }, { value: 'c' }])).toMatchObject({ baseOffset: 1, lastOffset: 2 })
    expect(await log.append({ value: 'd' })).toMatchObject({ baseOffset: 3, lastOffset: 3 })
    expect(log.endOffset).toBe(4)
    expect(await valuesIn(log)).toEqual(['a', 'b', 'c', 'd'])
  })

  test('are given in the order of the calls', async () => {
    const log = await openHere()
    const values = valuesOf(200)
    const results = await Promise.all(values.map((value) => log.append({ value })))
    expect(results.map(({ baseOffset }) => baseOffset)).toEqual(values.map((_, index) => index))
    expect(await valuesIn(log)).toEqual(values)
  })

  test('go on after the log was closed and opened', async () => {
    const { env } = stillWorld()
    const log = await open({ env })
    await log.append([{ value: 'a' }, { value: 'b' }])
    await log.close()
    const again = await open({ env })
    expect(await again.append({ value: 'c' })).toMatchObject({ baseOffset: 2 })
    expect(await valuesIn(again)).toEqual(['a', 'b', 'c'])
  })
})

describe('expectedOffset', () => {
  test('lets an append pass only where the log ends', async () => {
    const log = await openHere()
    await log.append({ value: 'a' }, { expectedOffset: 0 })
    const error: unknown = await log
      .append({ value: 'b' }, { expectedOffset: 0 })
      .catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(OffsetMismatchError)
    expect(error).toMatchObject({ code: 'ERR_OFFSET_MISMATCH', expectedOffset: 0, endOffset: 1 })
    await expect(log.append({ value: 'b' }, { expectedOffset: 2 })).rejects.toThrow(OffsetMismatchError)
    await log.append({ value: 'c' }, { expectedOffset: 1 })
    expect(await valuesIn(log)).toEqual(['a', 'c'])
  })

  test('lets one of those pass who try at the same time, and harms no other append', async () => {
    const log = await openHere()
    const race = await Promise.allSettled([
      log.append({ value: 'first' }, { expectedOffset: 0 }),
      log.append({ value: 'second' }, { expectedOffset: 0 }),
      log.append({ value: 'whatever' }),
      log.append({ value: 'third' }, { expectedOffset: 2 }),
    ])
    expect(race.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled'])
    expect(await valuesIn(log)).toEqual(['first', 'whatever', 'third'])
  })
})

describe('an append that cannot be', () => {
  test('is one without records', async () => {
    const log = await openHere()
    await expect(log.append([])).rejects.toThrow(new RangeError('an append needs at least one record'))
    expect(log.endOffset).toBe(0)
  })

  test.each<[string, unknown, string]>([
    ['a string', 'hello', 'records[0] must be an object'],
    ['null', null, 'records[0] must be an object'],
    ['a number among records', [{ value: 'a' }, 5], 'records[1] must be an object'],
    ['a number as value', { value: 5 }, 'records[0].value must be a string, Uint8Array or null'],
    ['an object as key', { key: {}, value: '' }, 'records[0].key must be a string, Uint8Array or null'],
    ['a number in a header', { headers: { a: 5 } }, 'records[0].headers'],
    ['headers in words', { headers: 'a=b' }, 'records[0].headers must be an object or pairs'],
    ['half a millisecond', { timestamp: 0.5 }, 'records[0].timestamp must be whole milliseconds'],
    ['a time before 1970', { timestamp: -1 }, 'records[0].timestamp must be whole milliseconds'],
    ['a Date as timestamp', { timestamp: new Date(0) }, 'records[0].timestamp must be whole milliseconds'],
  ])('is %s', async (_, records, message) => {
    const log = await openHere()
    const error: unknown = await log.append(records as RecordInput).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(TypeError)
    expect(String(error)).toContain(message)
    expect(log.endOffset).toBe(0)
  })

  test('is one larger than max.message.bytes, to the byte', async () => {
    const log = await openHere({ maxMessageBytes: 200 })
    // 61 of the header, and of the record 2 for its length and 6 around the value.
    await log.append({ value: 'x'.repeat(200 - 61 - 9) })
    const error: unknown = await log
      .append({ value: 'x'.repeat(200 - 61 - 8) })
      .catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(RecordTooLargeError)
    expect(error).toMatchObject({ code: 'ERR_RECORD_TOO_LARGE', sizeBytes: 201, maxBytes: 200 })
    expect(log.endOffset).toBe(1)
  })

  test('is one that no segment holds', async () => {
    const log = await openHere({ segmentBytes: 1024 })
    const error: unknown = await log.append({ value: 'x'.repeat(1024) }).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(RecordTooLargeError)
    expect(String(error)).toContain('segment.bytes = 1024')
    await log.append({ value: 'x'.repeat(1024 - 61 - 9) })
    expect((await log.stats()).sizeBytes).toBe(1024)
  })

  test('is one that waits behind too much', async () => {
    const log = await openHere({ maxQueuedBytes: 1024 * 1024, maxMessageBytes: 2 ** 30 })
    const value = Buffer.alloc(400_000)
    const appends = [1, 2, 3].map(() => log.append({ value }))
    const [one, two, three] = await Promise.allSettled(appends)
    expect([one?.status, two?.status]).toEqual(['fulfilled', 'fulfilled'])
    expect(three).toMatchObject({ reason: { code: 'ERR_QUEUE_FULL', retriable: true } })
    expect(three).toMatchObject({ reason: expect.any(QueueFullError) })
    expect(await log.append({ value })).toMatchObject({ baseOffset: 2 })
  })

  test('leaves those that come with it alone', async () => {
    const log = await openHere({ maxMessageBytes: 200 })
    const results = await Promise.allSettled([
      log.append({ value: 'a' }),
      log.append({ value: 'x'.repeat(300) }),
      log.append({ value: 'b' }),
    ])
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(await valuesIn(log)).toEqual(['a', 'b'])
  })
})

describe('timestamps', () => {
  const minute = 60_000

  test('are those of the records, or the time of the append', async () => {
    const log = await openHere()
    const result = await log.append([
      { value: 'a', timestamp: 5 },
      { value: 'b' },
      { value: 'c', timestamp: 7 },
    ])
    expect(result.timestamp).toBe(startMs)
    expect([0, 1, 2].map((offset) => log.get(offset)?.timestamp)).toEqual([5, startMs, 7])
  })

  test('are taken within the limits and refused outside of them', async () => {
    const log = await openHere({ timestampBeforeMaxMs: minute, timestampAfterMaxMs: 2 * minute })
    for (const timestamp of [startMs - minute, startMs + 2 * minute]) await log.append({ timestamp })
    for (const timestamp of [startMs - minute - 1, startMs + 2 * minute + 1, 0])
      await expect(log.append([{ value: 'fine' }, { timestamp }])).rejects.toThrow(InvalidTimestampError)
    expect(log.endOffset).toBe(2)
  })

  test('may be an hour ahead, and as old as they like, unless told otherwise', async () => {
    const log = await openHere()
    await log.append([{ timestamp: 0 }, { timestamp: startMs + 60 * minute }])
    await expect(log.append({ timestamp: startMs + 60 * minute + 1 })).rejects.toThrow(InvalidTimestampError)
    const free = await openHere({ timestampAfterMaxMs: -1 })
    await free.append({ timestamp: Number.MAX_SAFE_INTEGER })
    expect(free.get(0)?.timestamp).toBe(Number.MAX_SAFE_INTEGER)
  })

  test('under LogAppendTime are the time of the append, whatever the record says', async () => {
    const { env, clock } = stillWorld()
    const log = await open({ env, timestampType: 'LogAppendTime' })
    clock.advance(1000)
    const result = await log.append([{ value: 'a', timestamp: 5 }, { value: 'b' }])
    expect(result.timestamp).toBe(startMs + 1000)
    const record = log.get(0)
    expect(record).toMatchObject({ timestamp: startMs + 1000, timestampType: 'LogAppendTime' })
    expect(log.get(1)?.timestamp).toBe(startMs + 1000)
  })

  test('that are given do not matter under LogAppendTime', async () => {
    const log = await openHere({ timestampType: 'LogAppendTime', timestampBeforeMaxMs: minute })
    await log.append({ value: 'a', timestamp: 5 })
    expect(log.get(0)?.timestamp).toBe(startMs)
  })
})

describe('content', () => {
  const records: RecordInput[] = [
    { key: 'k', value: 'v' },
    { key: null, value: null },
    {},
    { key: '', value: '' },
    { key: new Uint8Array([0, 255]), value: Buffer.from([128]) },
    { value: 'änderung 😀', headers: { trace: 'abc', empty: '', none: null } },
    {
      headers: [
        ['same', '1'],
        ['other', Buffer.from([1])],
        ['same', null],
        ['same', '2'],
      ],
    },
  ]

  test.each<[CompressionName]>([['none'], ['gzip'], ['snappy'], ['lz4']])(
    'comes back as it went in, with %s',
    async (compression) => {
      const { env } = stillWorld()
      const log = await open({ env, compression })
      await log.append(records)
      await log.close()
      const [first] = await batchesIn(await open({ env }))
      expect(first?.compression).toBe(compression)
      const read = [...(first?.records() ?? [])]
      expect(read.map(({ key, value }) => [key?.toString('latin1'), value?.toString()])).toEqual([
        ['k', 'v'],
        [undefined, undefined],
        [undefined, undefined],
        ['', ''],
        ['\0\xff', Buffer.from([128]).toString()],
        [undefined, 'änderung 😀'],
        [undefined, undefined],
      ])
      expect(read[5]?.headerList.map(({ key, value }) => [key, value?.toString()])).toEqual([
        ['trace', 'abc'],
        ['empty', ''],
        ['none', undefined],
      ])
      expect(read[6]?.headerList.map(({ key, value }) => [key, value?.toString('latin1')])).toEqual([
        ['same', '1'],
        ['other', '\x01'],
        ['same', undefined],
        ['same', '2'],
      ])
      expect(read[6]?.headers['same']?.toString()).toBe('2')
    },
  )

  test('is compressed as one append asks, and not as another', async () => {
    const log = await openHere({ compression: 'lz4' })
    await log.append({ value: 'x'.repeat(1000) })
    await log.append({ value: 'x'.repeat(1000) }, { compression: 'none' })
    await log.append({ value: 'x'.repeat(1000) }, { compression: 'gzip' })
    expect((await batchesIn(log)).map((batch) => batch.compression)).toEqual(['lz4', 'none', 'gzip'])
    expect((await valuesIn(log)).every((value) => value === 'x'.repeat(1000))).toBe(true)
  })

  test('with zstd is read back, or refused with the ways out where the runtime cannot write it', async () => {
    const log = await openHere({ compression: 'zstd' })
    const result: unknown = await log.append({ value: 'x'.repeat(1000) }).catch((error: unknown) => error)
    if (result instanceof Error) expect(result).toMatchObject({ code: 'ERR_CODEC_UNAVAILABLE' })
    else expect(await valuesIn(log)).toEqual(['x'.repeat(1000)])
  })

  test('may be as large as a whole segment, in one record', async () => {
    const log = await openHere({ maxMessageBytes: 2 ** 30, segmentBytes: 20 * 1024 * 1024 })
    const value = Buffer.alloc(12 * 1024 * 1024, 'tidemark')
    await log.append({ value: 'before' })
    await log.append({ value })
    await log.append({ value })
    await log.append({ value: 'after' })
    expect((await log.stats()).segments).toBe(2)
    expect(log.get(1)?.value?.equals(value)).toBe(true)
    expect(log.get(2)?.value?.equals(value)).toBe(true)
    expect(await valuesIn(log, { from: 3 })).toEqual(['after'])
  })

  test('read from one log can be appended to another', async () => {
    const source = await openHere()
    await source.append(records.slice(0, -1))
    const copy = await openHere()
    for await (const record of source.read()) await copy.append(record)
    const [of, to] = [source, copy].map((log) => records.slice(0, -1).map((_, at) => log.get(at)?.toJSON()))
    expect(to).toEqual(of)
  })
})

async function batchesIn(log: Awaited<ReturnType<typeof open>>) {
  const batches = []
  for await (const batch of log.readBatches()) batches.push(batch)
  return batches
}

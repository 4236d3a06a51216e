import { describe, expect, test } from 'vitest'
import { RecordTooLargeError } from '../../../src/base/errors.ts'
import { Batch } from '../../../src/batch/batch.ts'
import { BatchBuilder, encodeBatch } from '../../../src/batch/encode-batch.ts'
import type { RecordInput } from '../../../src/batch/record-input.ts'

const now = 1_700_000_000_000

function recordsOf(records: readonly RecordInput[]) {
  const batch = new Batch(encodeBatch(records, { now }))
  expect(batch.isValid()).toBe(true)
  return [...batch.records()]
}

describe('encodeBatch', () => {
  test('writes text of any length and script as UTF-8', () => {
    const texts = [
      '',
      'ascii',
      'x'.repeat(1000),
      'é',
      '日本語',
      `${'x'.repeat(27)}é`,
      `${'x'.repeat(300)}\u{1f600}`,
      '\ud800',
    ]
    const records = recordsOf(texts.map((text) => ({ key: text, value: text, headers: { [text]: text } })))
    for (const [index, text] of texts.entries()) {
      const bytes = Buffer.from(text)
      expect(records[index]).toMatchObject({ key: bytes, value: bytes })
      expect(records[index]?.headerList).toEqual([{ key: bytes.toString(), value: bytes }])
    }
  })

  test('takes bytes as Buffer and as Uint8Array, of a larger buffer too', () => {
    const large = new Uint8Array([9, 1, 2, 3, 9])
    const [record] = recordsOf([{ key: large.subarray(1, 4), value: Buffer.alloc(100, 7) }])
    expect(record?.key).toEqual(Buffer.from([1, 2, 3]))
    expect(record?.value).toEqual(Buffer.alloc(100, 7))
  })

  test('tells null, missing and empty apart as far as the format does', () => {
    const [nothing, nulls, empty] = recordsOf([{}, { key: null, value: null }, { key: '', value: '' }])
    expect([nothing?.key, nothing?.value, nulls?.key, nulls?.value]).toEqual([null, null, null, null])
    expect([empty?.key?.length, empty?.value?.length, empty?.keySizeBytes]).toEqual([0, 0, 0])
  })

  test('keeps the order and the repetition of headers given as pairs', () => {
    const headers = [
      ['a', '1'],
      ['b', null],
      ['a', '2'],
    ] as const
    const [record] = recordsOf([{ headers }])
    expect(record?.headerList.map(({ key, value }) => [key, value?.toString() ?? null])).toEqual(headers)
    expect(Object.entries(record?.headers ?? {}).map(([key, value]) => [key, value?.toString()])).toEqual([
      ['a', '2'],
      ['b', undefined],
    ])
    expect(Object.getPrototypeOf(record?.headers)).toBeNull()
  })

  test('gives the time of the append to records without one', () => {
    const batch = new Batch(encodeBatch([{}, { timestamp: 0 }, { timestamp: now + 5 }], { now }))
    expect(Array.from(batch.records(), (record) => record.timestamp)).toEqual([now, 0, now + 5])
    expect(batch).toMatchObject({ baseTimestamp: now, maxTimestamp: now + 5, timestampType: 'CreateTime' })
  })

  test('grows to any size and leaves the scratch buffer to the next batch', () => {
    const value = Buffer.alloc(3_000_000, 1)
    expect(recordsOf([{ key: 'a' }, { value }, { key: 'b' }])[1]?.value?.equals(value)).toBe(true)
    const first = encodeBatch([{ value: 'first' }], { now })
    const copy = Buffer.from(first)
    encodeBatch([{ value: 'second' }], { now })
    expect(first).toEqual(copy)
  })

  test('a batch within a batch, made while its record is read, does no harm', () => {
    const sneaky = {
      key: 'outer',
      get value() {
        encodeBatch([{ value: 'inner' }], { now })
        return 'value'
      },
    }
    expect(recordsOf([{ key: 'before' }, sneaky]).map((record) => record.key?.toString())).toEqual([
      'before',
      'outer',
    ])
  })

  test('holds the finished batch against maxBytes', () => {
    const records = [{ value: 'x'.repeat(1000) }]
    const { length } = encodeBatch(records, { now })
    expect(encodeBatch(records, { now, maxBytes: length }).length).toBe(length)
    expect(() => encodeBatch(records, { now, maxBytes: length - 1 })).toThrow(
      new RecordTooLargeError(length, length - 1),
    )
    expect(encodeBatch(records, { now, maxBytes: 200, compression: 'lz4' }).length).toBeLessThan(200)
  })

  test('refuses an empty batch and fields out of range', () => {
    expect(() => encodeBatch([], { now })).toThrow(RangeError)
    expect(() => encodeBatch([{}], { now, producerEpoch: 40_000 })).toThrow(RangeError)
    expect(() => encodeBatch([{}], { now, producerId: 2 ** 53 })).toThrow('producerId must be a safe integer')
  })
})

describe('records that are no records', () => {
  test.each([
    [null, 'records[1] must be an object like { key, value }, got null'],
    ['text', 'records[1] must be an object like { key, value }, got string'],
    [{ key: 5 }, 'records[1].key must be a string, Uint8Array or null, got number'],
    [{ value: {} }, 'records[1].value must be a string, Uint8Array or null, got Object'],
    [{ value: [1] }, 'records[1].value must be a string, Uint8Array or null, got Array'],
    [{ timestamp: -1 }, 'records[1].timestamp must be whole milliseconds since 1970, got -1'],
    [{ timestamp: 1.5 }, 'records[1].timestamp must be whole milliseconds since 1970, got 1.5'],
    [{ timestamp: '5' }, 'records[1].timestamp must be whole milliseconds since 1970, got string'],
    [{ headers: 5 }, 'records[1].headers must be an object or pairs, got number'],
    [{ headers: ['ab'] }, 'records[1].headers[0] must be a pair [name, value]'],
    [{ headers: [[5, 'a']] }, 'records[1].headers[0][0] must be a string, got number'],
    [{ headers: { a: 5 } }, 'records[1].headers["a"] must be a string, Uint8Array or null, got number'],
  ])('%j', (record, message) => {
    // @ts-expect-error -- what a caller without types may pass
    const encode = () => encodeBatch([{}, record], { now })
    expect(encode).toThrow(TypeError)
    expect(encode).toThrow(message)
  })
})

describe('BatchBuilder', () => {
  test('knows its size to the byte and stops at its limit', () => {
    const builder = new BatchBuilder({ now, maxBytes: 200 })
    expect(builder).toMatchObject({ isEmpty: true, count: 0, sizeBytes: 61 })
    while (builder.tryAppend({ key: 'key', value: '0123456789' }))
      expect(builder.sizeBytes).toBeLessThanOrEqual(200)
    const { sizeBytes, count } = builder
    expect([sizeBytes, count, builder.isEmpty]).toEqual([61 + 6 * 20, 6, false])
    const batch = new Batch(builder.build())
    expect(batch).toMatchObject({ sizeBytes, recordsCount: count })
    expect(batch.isValid()).toBe(true)
  })

  test('a refused record leaves no trace', () => {
    const builder = new BatchBuilder({ now, maxBytes: 100 })
    expect(builder.tryAppend({ value: 'x'.repeat(100), timestamp: 5 })).toBe(false)
    // @ts-expect-error -- what a caller without types may pass
    expect(() => builder.tryAppend({ key: 'a', headers: { a: 5 } })).toThrow(TypeError)
    expect(builder.isEmpty).toBe(true)
    expect(builder.tryAppend({ value: 'fits' })).toBe(true)
    expect(builder.build()).toEqual(encodeBatch([{ value: 'fits' }], { now }))
  })

  test('fills to the limit exactly', () => {
    const { length } = encodeBatch([{ value: 'x' }], { now })
    expect(new BatchBuilder({ now, maxBytes: length }).tryAppend({ value: 'x' })).toBe(true)
    expect(new BatchBuilder({ now, maxBytes: length - 1 }).tryAppend({ value: 'x' })).toBe(false)
  })

  test('makes the batch that encodeBatch makes, and one only', () => {
    const options = { now, compression: 'lz4', baseOffset: 9 } as const
    const records = [
      { key: 'a', value: 'b' },
      { value: 'c', headers: { h: 'x' } },
    ]
    const builder = new BatchBuilder(options)
    for (const record of records) builder.tryAppend(record)
    expect(builder.build()).toEqual(encodeBatch(records, options))
    expect(() => builder.build()).toThrow(TypeError)
    expect(() => builder.tryAppend({})).toThrow('make a new one')
  })
})

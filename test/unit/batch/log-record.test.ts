import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { Batch } from '../../../src/batch/batch.ts'
import { encodeBatch } from '../../../src/batch/encode-batch.ts'
import type { LogRecord } from '../../../src/batch/log-record.ts'
import type { RecordInput } from '../../../src/batch/record-input.ts'

const now = 1_700_000_000_000

function only(record: RecordInput, baseOffset = 0): LogRecord {
  const [first] = new Batch(encodeBatch([record], { now, baseOffset })).records()
  if (first === undefined) throw new Error('no record')
  return first
}

test('keys and values are views of the batch, made once', () => {
  const batch = new Batch(encodeBatch([{ key: 'k', value: 'v' }], { now }))
  const [record] = batch.records()
  expect(record?.value?.buffer).toBe(batch.buffer.buffer)
  expect(record?.key).toBe(record?.key)
})

test('shows its content as JSON: text where it is text, else base64', () => {
  const record = only(
    {
      key: 'k',
      value: new Uint8Array([0xff, 0]),
      headers: [
        ['h', '1'],
        ['h', null],
      ],
    },
    7,
  )
  const shown = {
    offset: 7,
    timestamp: now,
    key: 'k',
    value: { base64: '/wA=' },
    headers: [
      ['h', '1'],
      ['h', null],
    ],
  }
  expect(JSON.parse(JSON.stringify(record))).toEqual(shown)
  expect(inspect(record)).toContain("key: 'k'")
})

test('can be appended again as it is', () => {
  const record = only({ key: 'k', value: 'v', headers: { a: 'b', __proto__x: null }, timestamp: 5 })
  expect(only(record, 70).toJSON()).toEqual({ ...record.toJSON(), offset: 70 })
})

test('a header named like a property of objects is a header', () => {
  const record = only({
    headers: [
      ['__proto__', 'a'],
      ['constructor', 'b'],
    ],
  })
  expect(Object.keys(record.headers)).toEqual(['__proto__', 'constructor'])
})

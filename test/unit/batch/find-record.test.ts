import { describe, expect, test } from 'vitest'
import { InvalidRecordError } from '../../../src/base/errors.ts'
import { Batch } from '../../../src/batch/batch.ts'
import { encodeBatch } from '../../../src/batch/encode-batch.ts'
import { recordBatchOverhead } from '../../../src/batch/format.ts'

const records = Array.from({ length: 200 }, (_, index) => ({
  key: `key-${index}`,
  value: index % 7 === 0 ? null : 'v'.repeat(index),
  headers: { at: String(index) },
  timestamp: 1_000 + index,
}))

const codecs = ['none', 'lz4'] as const

describe.each(codecs)('a record found by its offset, compression %s', (compression) => {
  const batch = new Batch(encodeBatch(records, { now: 0, baseOffset: 40, compression }))

  test('is the one that reading them all in turn meets', () => {
    for (const record of batch.records()) expect(batch.find(record.offset)?.toJSON()).toEqual(record.toJSON())
  })

  test('is the first for an offset before the batch, and none behind it', () => {
    expect(batch.find(0)?.offset).toBe(40)
    expect(batch.find(240)).toBeUndefined()
  })
})

test('a length that reaches beyond the batch is refused although the record is only passed over', () => {
  const bytes = encodeBatch(records, { now: 0 })
  bytes[recordBatchOverhead] = 0xff
  bytes[recordBatchOverhead + 1] = 0xff
  bytes[recordBatchOverhead + 2] = 0x7f
  expect(() => new Batch(bytes).find(100)).toThrow(InvalidRecordError)
})

describe.each(codecs)('a detached record, compression %s', (compression) => {
  test('is the same, and stays so when the buffer it came from changes', () => {
    const bytes = encodeBatch(records, { now: 0, baseOffset: 40, compression })
    const found = new Batch(bytes).find(150)
    const before = found?.toJSON()
    const detached = found?.detach()
    bytes.fill(0)
    expect(detached?.toJSON()).toEqual(before)
    expect(detached?.sizeBytes).toBe(found?.sizeBytes)
    expect(detached?.encodedFields?.length).toBe(found?.encodedFields?.length)
  })
})

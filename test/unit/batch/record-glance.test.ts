import { describe, expect, test } from 'vitest'
import { OutputTooLargeError } from '../../../src/base/errors.ts'
import { Batch } from '../../../src/batch/batch.ts'
import { encodeBatch } from '../../../src/batch/encode-batch.ts'
import { glanceAtRecords } from '../../../src/batch/record-glance.ts'

const records = [
  { key: 'a', value: '1' },
  { key: null, value: '2' },
  { key: '', value: null },
  { key: 'a longer key', value: 'x'.repeat(5000) },
]
/** From Kafka's encoder: magic 1, one record, k=v at offset 2. */
const legacy = Buffer.from('00000000000000020000001839268c3301000000018bcfe56800000000016b0000000176', 'hex')

/** What a glance tells, in words. */
function glances(batch: Batch, count = Number.POSITIVE_INFINITY): string[] {
  const found: string[] = []
  glanceAtRecords(batch, {}, ({ offset, bytes, keyPosition, keyEnd, isTombstone }) => {
    const key =
      keyEnd < keyPosition ? 'none' : `'${Buffer.from(bytes).toString('utf8', keyPosition, keyEnd)}'`
    found.push(`${offset} ${key}${isTombstone ? ' deleted' : ''}`)
    return found.length < count
  })
  return found
}

describe('a glance at the records', () => {
  test.each(['none', 'gzip', 'snappy', 'lz4'] as const)(
    'tells offsets, keys and tombstones (%s)',
    (compression) => {
      const batch = new Batch(encodeBatch(records, { now: 0, baseOffset: 7, compression }))
      expect(glances(batch)).toEqual(["7 'a'", '8 none', "9 '' deleted", "10 'a longer key'"])
    },
  )

  test('tells them of legacy messages too', () => {
    expect(glances(new Batch(legacy))).toEqual(["2 'k'"])
  })

  test('ends when it is told to', () => {
    const batch = new Batch(encodeBatch(records, { now: 0 }))
    expect(glances(batch, 2)).toHaveLength(2)
    expect(glanceAtRecords(batch, {}, () => false)).toBe(false)
    expect(glanceAtRecords(batch, {}, () => true)).toBe(true)
  })

  test('expands no further than it may', () => {
    const batch = new Batch(encodeBatch(records, { now: 0, compression: 'gzip' }))
    expect(() => glanceAtRecords(batch, { maxDecompressedBytes: 1000 }, () => true)).toThrow(
      OutputTooLargeError,
    )
  })
})

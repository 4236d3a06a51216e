import { expect, test } from 'vitest'
import { AssertionError } from '../../../src/base/assert.ts'
import { Batch } from '../../../src/batch/batch.ts'
import { encodeBatch } from '../../../src/batch/encode-batch.ts'
import {
  assignOffsets,
  patchBaseOffset,
  patchLogAppendTime,
  patchMaxTimestamp,
} from '../../../src/batch/patch.ts'
import { readVectors } from './kafka-dump.ts'

const now = 1_700_000_000_000

test('offsets and epoch are stamped without touching the checksum', () => {
  const bytes = Buffer.concat([Buffer.alloc(3), encodeBatch([{ key: 'a' }, { key: 'b' }], { now })])
  const batch = new Batch(bytes, 3)
  const before = Buffer.from(bytes)
  assignOffsets(batch, 2 ** 40 + 1, 12)
  expect(batch).toMatchObject({ baseOffset: 2 ** 40 + 1, lastOffset: 2 ** 40 + 2, partitionLeaderEpoch: 12 })
  expect(batch.isValid()).toBe(true)
  expect(bytes.subarray(3 + 16)).toEqual(before.subarray(3 + 16))
  expect(Array.from(batch.records(), (record) => record.offset)).toEqual([2 ** 40 + 1, 2 ** 40 + 2])
})

test('LogAppendTime makes the batch that Kafka makes', () => {
  const vectors = readVectors('kafka-4.0/vectors2.txt')
  const created = vectors.find(({ name }) => name.startsWith('none'))?.bytes
  const appended = vectors.find(({ name }) => name === 'LogAppendTime')?.bytes
  const batch = new Batch(Buffer.from(created ?? []))
  patchLogAppendTime(batch, now + 500)
  expect(batch.buffer.toString('hex')).toBe(appended?.toString('hex'))
})

test('a corrected timestamp is under a new checksum', () => {
  const batch = new Batch(encodeBatch([{ key: 'a' }], { now }))
  patchMaxTimestamp(batch, now + 77)
  expect(batch.maxTimestamp).toBe(now + 77)
  expect(batch.isValid()).toBe(true)
})

test('what cannot be written is refused', () => {
  const bytes = encodeBatch([{ key: 'a' }], { now })
  expect(() => patchBaseOffset(bytes, 0, 2 ** 53)).toThrow('baseOffset must be a safe integer')
  const legacy = readVectors('kafka-4.0/vectors2.txt').find(({ name }) => name.startsWith('legacy'))?.bytes
  expect(() => patchMaxTimestamp(new Batch(Buffer.from(legacy ?? [])), 1)).toThrow(AssertionError)
})

import { describe, expect, test } from 'vitest'
import {
  CorruptionError,
  FormatVersionError,
  InvalidRecordError,
  InvalidTimestampError,
  RecordTooLargeError,
} from '../../../src/base/errors.ts'
import { Batch } from '../../../src/batch/batch.ts'
import { encodeEndTransactionMarker } from '../../../src/batch/control-record.ts'
import { type EncodeOptions, encodeBatch } from '../../../src/batch/encode-batch.ts'
import { patchLogAppendTime, patchMaxTimestamp } from '../../../src/batch/patch.ts'
import type { RecordInput } from '../../../src/batch/record-input.ts'
import { rewriteBatch } from '../../../src/batch/rewrite.ts'
import { type AppendRules, validateForAppend, validateHeader } from '../../../src/batch/validate.ts'
import { readVectors } from './kafka-dump.ts'

const now = 1_700_000_000_000
const hour = 3_600_000
const rules: AppendRules = {
  maxMessageBytes: 1_048_588,
  compacted: false,
  nowMs: now,
  timestampBeforeMaxMs: Number.POSITIVE_INFINITY,
  timestampAfterMaxMs: hour,
  allowControl: false,
}

function batchOf(records: readonly RecordInput[], options: Partial<EncodeOptions> = {}): Batch {
  return new Batch(encodeBatch(records, { now, ...options }))
}

/** Changes bytes under the checksum and makes the checksum right again. */
function resealed(batch: Batch, change: (buffer: Buffer) => void): Batch {
  change(batch.buffer)
  batch.buffer.writeUInt32BE(batch.computeCrc(), 17)
  return batch
}

const three = [{ key: 'a' }, { key: 'b' }, { key: 'c' }]
const producer = { producerId: 5, producerEpoch: 0, baseSequence: 0 }

describe('accepts', () => {
  test.each(['none', 'gzip', 'snappy', 'lz4'] as const)(
    'a batch in %s, and tells its largest timestamp',
    (compression) => {
      const records = [
        { timestamp: 5 },
        { timestamp: now + hour },
        { timestamp: now + hour },
        { timestamp: 0 },
      ]
      expect(validateForAppend(batchOf(records, { compression }), rules)).toEqual({
        maxTimestamp: now + hour,
        maxTimestampOffsetDelta: 1,
        isMaxTimestampWrong: false,
      })
    },
  )

  test('a wrong largest timestamp in the header, to be corrected', () => {
    const batch = batchOf(three)
    patchMaxTimestamp(batch, now + 1)
    expect(validateForAppend(batch, rules)).toMatchObject({ maxTimestamp: now, isMaxTimestampWrong: true })
  })

  test('records without a timestamp', () => {
    const batch = resealed(batchOf(three), (buffer) => buffer.fill(0xff, 27, 43))
    expect(validateForAppend(batch, rules)).toMatchObject({ maxTimestamp: -1, isMaxTimestampWrong: false })
  })

  test('a batch of exactly the largest size', () => {
    const batch = batchOf(three)
    expect(() => validateForAppend(batch, { ...rules, maxMessageBytes: batch.sizeBytes })).not.toThrow()
    expect(() => validateForAppend(batch, { ...rules, maxMessageBytes: batch.sizeBytes - 1 })).toThrow(
      RecordTooLargeError,
    )
  })

  test('producers, transactions, and markers where they are allowed', () => {
    const marker = {
      type: 'COMMIT',
      producerId: 1,
      producerEpoch: 2,
      coordinatorEpoch: 3,
      timestampMs: now,
    } as const
    const bytes = encodeEndTransactionMarker(marker)
    expect(() => validateForAppend(batchOf(three, producer), rules)).not.toThrow()
    expect(() =>
      validateForAppend(batchOf(three, { ...producer, isTransactional: true }), rules),
    ).not.toThrow()
    expect(() =>
      validateForAppend(new Batch(bytes), { ...rules, allowControl: true, compacted: true }),
    ).not.toThrow()
    expect(() => validateForAppend(new Batch(bytes), rules)).toThrow('by brokers only')
  })
})

test('validateHeader holds the header against the rules and leaves the records alone', () => {
  const keyless = batchOf([{}, {}])
  expect(() => validateHeader(keyless, { ...rules, compacted: true })).not.toThrow()
  expect(() => validateHeader(keyless, { ...rules, maxMessageBytes: 70 })).toThrow(RecordTooLargeError)
  expect(() => validateHeader(batchOf(three, { isTransactional: true }), rules)).toThrow(InvalidRecordError)
})

describe('refuses', () => {
  test('a damaged batch', () => {
    const batch = batchOf(three)
    batch.buffer.writeUInt8(batch.buffer.readUInt8(70) ^ 1, 70)
    expect(() => validateForAppend(batch, rules)).toThrow(CorruptionError)
  })

  test('legacy messages', () => {
    for (const { bytes } of readVectors('batches-4.3.1/vectors.txt').filter(({ name }) =>
      name.startsWith('magic'),
    )) {
      const batch = new Batch(bytes)
      if (batch.magic < 2) expect(() => validateForAppend(batch, rules)).toThrow(FormatVersionError)
    }
  })

  test('counts and offsets that do not agree', () => {
    const gap = rewriteBatch(batchOf(three), ({ offset }) => offset !== 1) ?? Buffer.alloc(0)
    expect(() => validateForAppend(new Batch(gap), rules)).toThrow('do not fill the offsets')
    const hidden = resealed(new Batch(Buffer.from(gap)), (buffer) => buffer.writeInt32BE(1, 23))
    expect(() => validateForAppend(hidden, rules)).toThrow('record 1 has the offset delta 2')
    const empty = rewriteBatch(batchOf(three), () => false, { retainEmpty: true }) ?? Buffer.alloc(0)
    expect(() => validateForAppend(new Batch(empty), rules)).toThrow('states 0 records')
  })

  test('a gap inside compressed records', () => {
    const gap = rewriteBatch(batchOf(three, { compression: 'lz4' }), ({ offset }) => offset !== 1)
    const hidden = resealed(new Batch(gap ?? Buffer.alloc(0)), (buffer) => buffer.writeInt32BE(1, 23))
    expect(() => validateForAppend(hidden, rules)).toThrow('record 1 has the offset delta 2')
  })

  test.each([
    [{ producerId: 5, baseSequence: 0 }, 'states the epoch -1'],
    [{ producerId: 5, producerEpoch: 0 }, 'states the sequence -1'],
    [{ isTransactional: true }, 'transactional without a producer id'],
    [{ deleteHorizonMs: now }, 'set by compaction only'],
  ])('%j', (options, message) => {
    expect(() => validateForAppend(batchOf(three, options), rules)).toThrow(InvalidRecordError)
    expect(() => validateForAppend(batchOf(three, options), rules)).toThrow(message)
  })

  test('records without a key in a compacted log, and says which', () => {
    const batch = batchOf([{ key: 'a' }, {}, { key: '' }, {}])
    const validate = () => validateForAppend(batch, { ...rules, compacted: true })
    expect(validate).toThrow(InvalidRecordError)
    const message = 'a compacted log takes no record without a key'
    expect(validate).toThrow(
      expect.objectContaining({
        recordErrors: [
          { index: 1, message },
          { index: 3, message },
        ],
      }),
    )
  })

  test('timestamps out of range, and says which', () => {
    const near = { ...rules, timestampBeforeMaxMs: 10, timestampAfterMaxMs: 20 }
    const edges = batchOf([{ timestamp: now - 10 }, { timestamp: now + 20 }])
    expect(validateForAppend(edges, near)).toMatchObject({ maxTimestamp: now + 20 })
    for (const timestamp of [now - 11, now + 21]) {
      const validate = () => validateForAppend(batchOf([{}, { timestamp }]), near)
      expect(validate).toThrow(InvalidTimestampError)
      expect(validate).toThrow(`record 1: its timestamp ${timestamp} is out of range`)
    }
  })

  test('a negative timestamp other than none', () => {
    const batch = resealed(batchOf([{}]), (buffer) => buffer.writeBigInt64BE(-2n, 27))
    expect(() => validateForAppend(batch, rules)).toThrow(InvalidTimestampError)
  })

  test('LogAppendTime from a producer', () => {
    const batch = batchOf(three)
    patchLogAppendTime(batch, now)
    expect(() => validateForAppend(batch, rules)).toThrow(InvalidTimestampError)
  })

  test('a list of errors has an end', () => {
    const many = batchOf(Array.from({ length: 500 }, () => ({})))
    const validate = () => validateForAppend(many, { ...rules, compacted: true })
    expect(validate).toThrow('500 of the batch')
    expect(validate).toThrow(
      expect.objectContaining({
        recordErrors: expect.toSatisfy((errors: unknown[]) => errors.length === 100),
      }),
    )
  })
})

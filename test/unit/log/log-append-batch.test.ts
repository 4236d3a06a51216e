import { describe, expect, test } from 'vitest'
import {
  CorruptionError,
  FormatVersionError,
  InvalidRecordError,
  InvalidTimestampError,
  OffsetMismatchError,
  RecordTooLargeError,
} from '../../../src/base/errors.ts'
import { crc32cRange } from '../../../native-free/crc32c.ts'
import { batchOf, open, startMs, stillWorld, valuesIn } from './log-setup.ts'

const two = [{ value: 'a' }, { value: 'b' }]

/** A batch of which something was changed, with the right checksum of what it then is. */
function changed(edit: (batch: Buffer) => void): Buffer {
  const batch = batchOf(two)
  edit(batch)
  batch.writeUInt32BE(crc32cRange(batch, 21, batch.length), 17)
  return batch
}

async function refusal(buffer: Uint8Array, options = {}): Promise<unknown> {
  const { env } = stillWorld()
  const log = await open({ env })
  await log.append({ value: 'first' })
  const error: unknown = await log.appendBatch(buffer, options).catch((reason: unknown) => reason)
  expect(await valuesIn(log)).toEqual(['first'])
  return error
}

test('a batch is appended as it is, but for its offset and epoch', async () => {
  const { env } = stillWorld()
  const log = await open({ env })
  await log.append({ value: 'first' })
  const batch = batchOf(two, { compression: 'gzip', baseOffset: 77, partitionLeaderEpoch: 5 })
  const sent = Buffer.from(batch)
  expect(await log.appendBatch(batch)).toEqual({
    baseOffset: 1,
    lastOffset: 2,
    timestamp: startMs,
    duplicate: false,
  })
  expect(await valuesIn(log)).toEqual(['first', 'a', 'b'])
  const { value: stored } = await log.readBatches({ from: 1 }).next()
  expect(stored).toMatchObject({ baseOffset: 1, partitionLeaderEpoch: 0, compression: 'gzip' })
  const bytes = Buffer.from(stored.buffer.subarray(stored.start, stored.endPosition))
  expect(bytes.subarray(16)).toEqual(sent.subarray(16))
})

test('a batch may stand anywhere in a larger buffer', async () => {
  const { env } = stillWorld()
  const log = await open({ env })
  const around = Buffer.concat([Buffer.alloc(10, 1), batchOf(two), Buffer.alloc(10, 2)])
  await log.appendBatch(new Uint8Array(around.buffer, around.byteOffset + 10, around.length - 20))
  expect(await valuesIn(log)).toEqual(['a', 'b'])
})

describe('refused is', () => {
  test('what is no Uint8Array', async () => {
    for (const value of ['abc', null, undefined, [1, 2], new ArrayBuffer(61)])
      expect(await refusal(value as unknown as Buffer)).toBeInstanceOf(TypeError)
  })

  test.each([[0], [1], [16], [60], [61], [69]])('a buffer that ends after %d bytes', async (length) => {
    const error = await refusal(batchOf(two).subarray(0, length))
    expect(error).toBeInstanceOf(CorruptionError)
  })

  test('two batches in one buffer, however they are checked', async () => {
    const buffer = () => Buffer.concat([batchOf(two), batchOf(two)])
    expect(await refusal(buffer())).toBeInstanceOf(InvalidRecordError)
    expect(await refusal(buffer(), { check: 'checksum' })).toBeInstanceOf(InvalidRecordError)
  })

  test('a batch with something behind it', async () => {
    const error = await refusal(Buffer.concat([batchOf(two), Buffer.alloc(1)]))
    expect(error).toBeInstanceOf(InvalidRecordError)
    expect(String(error)).toContain('1 more byte')
  })

  test.each([[21], [40], [61], [70]])('a bit that flipped in byte %d', async (position) => {
    const batch = batchOf(two)
    batch[position] = (batch[position] ?? 0) ^ 1
    expect(await refusal(batch)).toBeInstanceOf(CorruptionError)
    expect(await refusal(batch, { check: 'checksum' })).toBeInstanceOf(CorruptionError)
  })

  test('another version of the format', async () => {
    const legacy = Buffer.from(
      '00000000000000020000001839268c3301000000018bcfe56800000000016b0000000176',
      'hex',
    )
    expect(await refusal(legacy)).toBeInstanceOf(FormatVersionError)
    expect(await refusal(changed((batch) => batch.writeInt8(3, 16)))).toBeInstanceOf(CorruptionError)
  })

  test('a count that does not fit its offsets', async () => {
    expect(await refusal(changed((batch) => batch.writeInt32BE(3, 57)))).toBeInstanceOf(InvalidRecordError)
    expect(await refusal(changed((batch) => batch.writeInt32BE(0, 57)))).toBeInstanceOf(InvalidRecordError)
    expect(await refusal(changed((batch) => batch.writeInt32BE(-1, 23)))).toBeInstanceOf(CorruptionError)
  })

  test('a record that cannot be parsed, unless only the checksum is looked at', async () => {
    const broken = () => changed((batch) => batch.writeInt8(0x7f, 61))
    expect(await refusal(broken())).toBeInstanceOf(InvalidRecordError)
    const { env } = stillWorld()
    const log = await open({ env })
    expect(await log.appendBatch(broken(), { check: 'checksum' })).toMatchObject({ lastOffset: 1 })
    await expect(valuesIn(log)).rejects.toThrow(InvalidRecordError)
    await log.truncate(0)
  })

  test('a timestamp out of range, and one that claims to be ours', async () => {
    const late = batchOf([{ value: 'a', timestamp: startMs + 2 * 3_600_000 }])
    expect(await refusal(late)).toBeInstanceOf(InvalidTimestampError)
    const claims = batchOf(two, { timestampType: 'LogAppendTime' })
    expect(await refusal(claims)).toBeInstanceOf(InvalidTimestampError)
  })

  test('a producer without epoch or sequence', async () => {
    expect(await refusal(batchOf(two, { producerId: 5, baseSequence: 0 }))).toBeInstanceOf(InvalidRecordError)
    expect(await refusal(batchOf(two, { producerId: 5, producerEpoch: 0 }))).toBeInstanceOf(
      InvalidRecordError,
    )
    expect(await refusal(batchOf(two, { isTransactional: true }))).toBeInstanceOf(InvalidRecordError)
  })

  test('more than max.message.bytes, however little of it was sent', async () => {
    const { env } = stillWorld()
    const log = await open({ env, maxMessageBytes: 100 })
    await expect(log.appendBatch(batchOf([{ value: 'x'.repeat(50) }]))).rejects.toThrow(RecordTooLargeError)
    await log.appendBatch(batchOf([{ value: 'x' }]))
  })

  test('what expects the log to end elsewhere', async () => {
    expect(await refusal(batchOf(two), { expectedOffset: 0 })).toBeInstanceOf(OffsetMismatchError)
  })
})

test('a largest timestamp that is not the largest is corrected', async () => {
  const { env } = stillWorld()
  const log = await open({ env })
  const batch = changed((bytes) => bytes.writeBigInt64BE(5n, 35))
  expect(await log.appendBatch(batch)).toMatchObject({ timestamp: startMs })
  const { value: stored } = await log.readBatches().next()
  expect(stored.maxTimestamp).toBe(startMs)
  expect(stored.isValid()).toBe(true)
  expect((await log.stats()).maxTimestamp).toBe(startMs)
})

test('under LogAppendTime a batch gets the time of its append and a right checksum', async () => {
  const { env, clock } = stillWorld()
  const log = await open({ env, timestampType: 'LogAppendTime' })
  clock.advance(5000)
  expect(await log.appendBatch(batchOf(two))).toMatchObject({ timestamp: startMs + 5000 })
  const { value: stored } = await log.readBatches().next()
  expect(stored).toMatchObject({ timestampType: 'LogAppendTime', maxTimestamp: startMs + 5000 })
  expect(stored.isValid()).toBe(true)
  expect(log.get(1)?.timestamp).toBe(startMs + 5000)
})

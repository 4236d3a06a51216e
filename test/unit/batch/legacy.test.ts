import crc32 from 'crc-32'
import { describe, expect, test } from 'vitest'
import { CorruptionError, InvalidRecordError } from '../../../src/base/errors.ts'
import { Batch } from '../../../src/batch/batch.ts'
import { compress } from '../../../src/batch/compression.ts'

interface Message {
  readonly magic: number
  readonly offset: number
  readonly value: Buffer | null
  readonly attributes?: number
  readonly timestamp?: number
}

/** Writes a message by hand: nothing in the library can. */
function messageOf({ magic, offset, value, attributes = 0, timestamp = 0 }: Message): Buffer {
  const head = Buffer.alloc(magic === 0 ? 2 : 10)
  head.writeInt8(magic, 0)
  head.writeInt8(attributes, 1)
  if (magic > 0) head.writeBigInt64BE(BigInt(timestamp), 2)
  const lengths = Buffer.alloc(8)
  lengths.writeInt32BE(-1, 0)
  lengths.writeInt32BE(value?.length ?? -1, 4)
  const content = Buffer.concat([head, lengths, value ?? Buffer.alloc(0)])
  const frame = Buffer.alloc(16)
  frame.writeBigInt64BE(BigInt(offset))
  frame.writeInt32BE(content.length + 4, 8)
  frame.writeInt32BE(crc32.buf(content), 12)
  return Buffer.concat([frame, content])
}

const gzip = 1
const inner = (offset: number, magic = 1) => messageOf({ magic, offset, value: Buffer.from('v') })

function wrap(magic: number, offset: number, messages: readonly Buffer[]): Batch {
  const value = compress('gzip', Buffer.concat(messages), undefined)
  return new Batch(messageOf({ magic, offset, value, attributes: gzip }))
}

const offsetsOf = (batch: Batch) => Array.from(batch.records(), (record) => record.offset)

describe('wrappers', () => {
  test('with magic 1 count inner offsets from the last one', () => {
    const batch = wrap(1, 109, [inner(0), inner(4), inner(9)])
    expect(batch.isValid()).toBe(true)
    expect(offsetsOf(batch)).toEqual([100, 104, 109])
    expect(batch).toMatchObject({
      baseOffset: 100,
      lastOffset: 109,
      lastOffsetDelta: 9,
      recordsCount: 3,
      nextOffset: 110,
    })
  })

  test('with magic 0 have absolute offsets inside', () => {
    expect(offsetsOf(wrap(0, 12, [inner(10, 0), inner(12, 0)]))).toEqual([10, 12])
  })

  test('with the offset 0 of a producer count from 0', () => {
    expect(offsetsOf(wrap(1, 0, [inner(0), inner(1)]))).toEqual([0, 1])
  })

  test('with LogAppendTime give their timestamp to all inside', () => {
    const value = compress('gzip', Buffer.concat([inner(0), inner(1)]), undefined)
    const batch = new Batch(messageOf({ magic: 1, offset: 1, value, attributes: gzip | 8, timestamp: 77 }))
    const times = Array.from(batch.records(), ({ timestamp, timestampType }) => [timestamp, timestampType])
    expect(times).toEqual([
      [77, 'LogAppendTime'],
      [77, 'LogAppendTime'],
    ])
    const created = new Batch(messageOf({ magic: 1, offset: 1, value, attributes: gzip, timestamp: 77 }))
    expect(Array.from(created.records(), ({ timestamp }) => timestamp)).toEqual([0, 0])
  })

  test('leave out an inner message that is cut short', () => {
    expect(offsetsOf(wrap(1, 1, [inner(0), inner(1), inner(2).subarray(0, 30)]))).toEqual([0, 1])
  })

  test.each([
    ['nothing inside', () => wrap(1, 5, []), 'around nothing'],
    [
      'an offset before the last inner one',
      () => wrap(1, 5, [inner(0), inner(6)]),
      "wrapper's offset 5 lies before",
    ],
    ['inner offsets out of order', () => wrap(1, 5, [inner(1), inner(1)]), 'inner offset 1 is out of order'],
    [
      'inner offsets that are too far apart',
      () => wrap(0, 5, [inner(1, 0), inner(2 ** 31 + 1, 0)]),
      'out of order',
    ],
    ['an offset far from the inner ones', () => wrap(0, 2 ** 40, [inner(1, 0)]), 'far from its content'],
    ['a wrapper inside', () => wrap(1, 5, [wrap(1, 0, [inner(0)]).buffer]), 'compressed message inside'],
    ['an impossible inner size', () => wrap(1, 5, [Buffer.alloc(40)]), 'impossible size'],
    [
      'a batch of magic 2 inside',
      () => wrap(1, 5, [messageOf({ magic: 2, offset: 0, value: null })]),
      'magic 2',
    ],
    [
      'no value',
      () => new Batch(messageOf({ magic: 1, offset: 5, value: null, attributes: gzip })),
      'without a value',
    ],
    [
      'zstd',
      () => new Batch(messageOf({ magic: 1, offset: 5, value: Buffer.alloc(5), attributes: 4 })),
      'zstd',
    ],
  ])('%s are refused', (_, make, message) => {
    const batch = make()
    expect(batch.isValid()).toBe(true)
    expect(() => batch.records()).toThrow(InvalidRecordError)
    expect(() => batch.records()).toThrow(message)
    expect(() => batch.records({ file: 'a.log' })).toThrow(CorruptionError)
  })
})

describe('messages', () => {
  test('any changed byte under the checksum is noticed', () => {
    const bytes = inner(3)
    for (let position = 12; position < bytes.length; position++) {
      const damaged = Buffer.from(bytes)
      damaged.writeUInt8(damaged.readUInt8(position) ^ 4, position)
      expect(new Batch(damaged).isValid(), `byte ${position}`).toBe(false)
    }
  })

  test('whose sizes do not fit are refused', () => {
    const refusals = {
      [-2]: 'a size of -2',
      0: '1 bytes follow',
      2: 'a size of 2 where 1 bytes',
      1000: 'a size of 1000',
    }
    for (const [size, message] of Object.entries(refusals)) {
      const bytes = inner(3)
      bytes.writeInt32BE(Number(size), bytes.length - 5)
      expect(() => new Batch(bytes).records()).toThrow(InvalidRecordError)
      expect(() => new Batch(bytes).records()).toThrow(message)
    }
    expect(() => new Batch(inner(3).subarray(0, 30)).records()).toThrow(InvalidRecordError)
  })

  test('have none of what came later', () => {
    expect(new Batch(inner(3))).toMatchObject({
      producerId: -1,
      producerEpoch: -1,
      baseSequence: -1,
      lastSequence: -1,
      partitionLeaderEpoch: -1,
      isTransactional: false,
      isControl: false,
      hasDeleteHorizon: false,
      compression: 'none',
    })
  })
})

import { describe, expect, test } from 'vitest'
import { CorruptionError, InvalidRecordError } from '../../../src/base/errors.ts'
import { Batch } from '../../../src/batch/batch.ts'
import { encodeBatch } from '../../../src/batch/encode-batch.ts'
import {
  headerCutShort,
  impossibleSize,
  iterateBatches,
  readBatchSize,
} from '../../../src/batch/iterate-batches.ts'

const now = 1_700_000_000_000

function someBatch(count = 3): Buffer {
  const records = Array.from({ length: count }, (_, index) => ({ key: `key-${index}`, value: 'value' }))
  return encodeBatch(records, { now, baseOffset: 40 })
}

/** A batch whose bytes were changed on purpose and whose checksum is right all the same. */
function resealed(buffer: Buffer, change: (buffer: Buffer) => void): Batch {
  change(buffer)
  const batch = new Batch(buffer)
  buffer.writeUInt32BE(batch.computeCrc(), 17)
  return batch
}

describe('Batch', () => {
  test('reads a batch in the middle of a buffer', () => {
    const bytes = someBatch()
    const batch = new Batch(Buffer.concat([Buffer.alloc(7), bytes, Buffer.alloc(5)]), 7)
    expect(batch.isValid()).toBe(true)
    expect(batch).toMatchObject({ start: 7, sizeBytes: bytes.length, endPosition: 7 + bytes.length })
    expect(batch).toMatchObject({ baseOffset: 40, lastOffset: 42, nextOffset: 43, recordsCount: 3, magic: 2 })
    expect(batch).toMatchObject({ hasProducerId: false, deleteHorizonMs: -1, lastSequence: -1 })
    expect(Array.from(batch.records(), (record) => record.offset)).toEqual([40, 41, 42])
  })

  test('any changed byte under the checksum is noticed', () => {
    const bytes = someBatch()
    for (let position = 16; position < bytes.length; position++) {
      const damaged = Buffer.from(bytes)
      damaged.writeUInt8(damaged.readUInt8(position) ^ 0x10, position)
      expect(new Batch(damaged).isValid(), `byte ${position}`).toBe(false)
    }
  })

  test('says what is wrong', () => {
    const faultOf = (change: (buffer: Buffer) => void) => resealed(someBatch(), change).fault()
    expect(new Batch(someBatch().subarray(0, 16)).fault()).toMatch('only 16 bytes')
    expect(new Batch(someBatch().subarray(0, -1)).fault()).toMatch('cut short: 111 of 112')
    expect(faultOf((buffer) => buffer.writeInt32BE(48, 8))).toMatch('60 bytes is below the 61')
    expect(faultOf((buffer) => buffer.writeInt8(3, 16))).toMatch('version (magic) 3')
    expect(faultOf((buffer) => buffer.writeInt8(-1, 16))).toMatch('version (magic) -1')
    expect(faultOf((buffer) => buffer.writeInt32BE(-1, 0))).toMatch('base offset is negative')
    expect(faultOf((buffer) => buffer.writeInt32BE(-1, 23))).toMatch('last offset lies before')
    expect(faultOf((buffer) => buffer.writeInt32BE(0x7fff_ffff, 0))).toMatch('base offset is beyond 2^53')
    expect(faultOf((buffer) => buffer.writeInt32BE(0x7fff_ffff, 43))).toMatch('producer id is beyond 2^53')
    expect(faultOf((buffer) => buffer.writeInt32BE(0x7fff_ffff, 35))).toMatch('max timestamp is beyond 2^53')
    const wrong = someBatch()
    wrong.writeUInt32BE(1, 17)
    expect(new Batch(wrong).fault()).toMatch(/checksum is 00000001, but its content has [0-9a-f]{8}/)
    expect(faultOf(() => undefined)).toBeUndefined()
  })

  test('the epoch and the offset are no part of the checksum', () => {
    const bytes = someBatch()
    bytes.writeInt32BE(99, 12)
    bytes.writeInt32BE(5, 4)
    expect(new Batch(bytes).isValid()).toBe(true)
  })

  test('sequences wrap to 0', () => {
    const producer = { producerId: 1, producerEpoch: 0, baseSequence: 2 ** 31 - 2 }
    const batch = new Batch(encodeBatch([{}, {}, {}], { now, ...producer }))
    expect(batch.lastSequence).toBe(0)
    expect(Array.from(batch.records(), (record) => record.sequence)).toEqual([2 ** 31 - 2, 2 ** 31 - 1, 0])
  })

  test('an unknown compression is refused by its number', () => {
    const batch = resealed(someBatch(), (buffer) => buffer.writeInt16BE(6, 21))
    expect(() => batch.compression).toThrow('id 6')
    expect(() => batch.records()).toThrow(InvalidRecordError)
  })
})

const readingAfter = (change: (buffer: Buffer) => void) => () => [...resealed(someBatch(), change).records()]

describe('malformed records', () => {
  test.each([
    ['a record longer than the batch', (b: Buffer) => b.writeUInt8(0x7e, 61), 'length is 63'],
    ['a negative length', (b: Buffer) => b.writeUInt8(0x03, 61), 'length is -2'],
    ['a key longer than its record', (b: Buffer) => b.writeUInt8(0x7e, 65), 'key reaches beyond'],
    ['a key of negative size', (b: Buffer) => b.writeUInt8(0x03, 65), 'size of its key is -2'],
    ['a value longer than its record', (b: Buffer) => b.writeUInt8(0x10, 71), 'value reaches beyond'],
    ['a value that leaves bytes over', (b: Buffer) => b.writeUInt8(0x08, 71), /./],
    ['more headers than there are', (b: Buffer) => b.writeUInt8(0x02, 77), /./],
    ['a negative count of headers', (b: Buffer) => b.writeUInt8(0x03, 77), 'it states -2 headers'],
    ['a negative offset delta', (b: Buffer) => b.writeUInt8(0x01, 64), 'offset delta is -1'],
    ['a record too many', (b: Buffer) => b.writeInt32BE(4, 57), 'record 3 of 4'],
    ['a record too few', (b: Buffer) => b.writeInt32BE(2, 57), '17 bytes follow the last of 2 records'],
    ['a negative count of records', (b: Buffer) => b.writeInt32BE(-1, 57), 'it states -1 records'],
    ['a magic from the future', (b: Buffer) => b.writeInt8(3, 16), 'magic 3'],
  ])('%s is refused', (_, change, message) => {
    expect(readingAfter(change)).toThrow(InvalidRecordError)
    expect(readingAfter(change)).toThrow(message)
  })

  test('a record with bytes left over is refused', () => {
    const batch = new Batch(encodeBatch([{ value: 'xxxx\0' }], { now }))
    // One byte less of the value, and its last byte passes for a count of no headers.
    const shortened = resealed(batch.buffer, (buffer) => buffer.writeUInt8(0x08, 66))
    expect(() => [...shortened.records()]).toThrow('its parts do not fill its length')
  })

  test('a header without a name is refused', () => {
    const batch = new Batch(encodeBatch([{ headers: { '': 'v' } }], { now }))
    const nameless = resealed(batch.buffer, (buffer) => buffer.writeUInt8(0x01, 68))
    expect(() => [...nameless.records()]).toThrow('the name of a header is null')
  })

  test('a timestamp that no number can hold is refused', () => {
    const batch = new Batch(encodeBatch([{ timestamp: 5 }, { timestamp: 6 }], { now }))
    const late = resealed(batch.buffer, (buffer) => buffer.writeBigInt64BE(2n ** 53n - 1n, 27))
    expect(late.isValid()).toBe(true)
    expect(() => [...late.records()]).toThrow('record 1 of 2: its timestamp is beyond 2^53')
  })

  test('in a file it is corruption of that file', () => {
    const batch = resealed(someBatch(), (buffer) => buffer.writeInt32BE(2, 57))
    const read = () => [...batch.records({ file: 'x.log', filePosition: 900 })]
    expect(read).toThrow(CorruptionError)
    expect(read).toThrow('x.log at byte 900: malformed batch with base offset 40')
  })

  test('a batch that is not all there is refused before it is read', () => {
    expect(() => new Batch(someBatch().subarray(0, 80)).records()).toThrow(InvalidRecordError)
  })
})

const starts = (bytes: Buffer, start?: number, end?: number) =>
  Array.from(iterateBatches(bytes, start, end), (batch) => batch.start)

describe('iterateBatches', () => {
  const two = Buffer.concat([someBatch(), someBatch(1)])

  test('finds every whole batch and stops before a part', () => {
    const first = someBatch().length
    expect(starts(two)).toEqual([0, first])
    expect(starts(two, first)).toEqual([first])
    expect(starts(two, 0, two.length - 1)).toEqual([0])
    expect(starts(two, 0, first + 16)).toEqual([0])
    expect(starts(Buffer.alloc(0))).toEqual([])
  })

  test('tells a torn batch from an impossible one', () => {
    expect(readBatchSize(two, 0)).toBe(someBatch().length)
    expect(readBatchSize(two, 0, 30)).toBe(someBatch().length)
    expect(readBatchSize(two, 0, 16)).toBe(headerCutShort)
    expect(readBatchSize(Buffer.alloc(20), 0)).toBe(impossibleSize)
    expect(() => [...iterateBatches(Buffer.concat([two, Buffer.alloc(64)]))]).toThrow('length field says 0')
    const smallest = Buffer.alloc(26)
    smallest.writeInt32BE(14, 8)
    expect(readBatchSize(smallest, 0)).toBe(26)
  })
})

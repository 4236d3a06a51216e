import { describe, expect, test } from 'vitest'
import { encodeBatch } from '../../../src/batch/encode-batch.ts'
import { recordBatchOverhead } from '../../../src/batch/format.ts'
import type { Damage } from '../../../src/log/verify-segment.ts'
import { surveySegment } from '../../../src/log/verify-segment.ts'
import { memoryEnv } from '../../../src/testing/memory-env.ts'
import { putFile, startMs } from './log-setup.ts'

/** One batch of `count` records. */
function batch(baseOffset: number, count = 1, value: Buffer | string = 'value'): Buffer {
  const records = Array.from({ length: count }, () => ({ value }))
  return encodeBatch(records, { now: startMs, baseOffset, partitionLeaderEpoch: 0 })
}

/** What a survey of a segment with these bytes, from offset 0 on, finds. */
async function surveyOf(
  bytes: Buffer,
  place: { nextBaseOffset?: number; durableOffset?: number; allowGaps?: boolean } = {},
): Promise<{ damages: Omit<Damage, 'reason' | 'timestampBefore'>[]; nextOffset: number; isTorn: boolean }> {
  const env = memoryEnv()
  putFile(env, 'x.log', bytes)
  const file = env.files.openSync('/data/orders-0/x.log', 'read')
  const { nextBaseOffset, durableOffset, allowGaps = false } = place
  const ignore = () => undefined
  const { damages, nextOffset, torn } = await surveySegment(
    { file, baseOffset: 0, nextBaseOffset, durableOffset, allowGaps, epochFor: () => 0, timestampBefore: -1 },
    { onBatch: ignore, onDamage: ignore, onProgress: ignore },
  )
  file.closeSync()
  const told = damages.map(({ position, endPosition, fromOffset, toOffset, stamp }) => ({
    ...{ position, endPosition, fromOffset, toOffset, stamp },
  }))
  return { damages: told, nextOffset, isTorn: torn !== undefined }
}

/** A batch whose content is damaged. */
function broken(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes)
  copy.writeUInt8(copy.readUInt8(copy.length - 3) ^ 1, copy.length - 3)
  return copy
}

/** A batch with other bytes at its start, which the checksum leaves out. */
function stamped(bytes: Buffer, edit: (copy: Buffer) => void): Buffer {
  const copy = Buffer.from(bytes)
  edit(copy)
  return copy
}

const size = batch(0).length

describe('behind damage', () => {
  test('good batches go on where the damaged one says that it ends', async () => {
    const bytes = Buffer.concat([batch(0), broken(batch(1, 3)), batch(4)])
    const { damages, nextOffset } = await surveyOf(bytes, { durableOffset: 5 })
    const endPosition = size + batch(1, 3).length
    expect(damages).toEqual([{ position: size, endPosition, fromOffset: 1, toOffset: 4, stamp: undefined }])
    expect(nextOffset).toBe(5)
  })

  test('good batches are found without that, too', async () => {
    const garbage = Buffer.alloc(777, 0x5a)
    const { damages } = await surveyOf(Buffer.concat([batch(0), garbage, batch(4), batch(5)]), {
      durableOffset: 6,
    })
    const expected = { position: size, endPosition: size + 777, fromOffset: 1, toOffset: 4 }
    expect(damages).toEqual([{ ...expected, stamp: undefined }])
  })

  test('a batch in the value of a record is not taken for one of the log', async () => {
    const carrier = batch(1, 1, Buffer.concat([batch(2), batch(3)]))
    carrier.fill(0, 0, recordBatchOverhead)
    const { damages, nextOffset } = await surveyOf(Buffer.concat([batch(0), carrier, batch(2), batch(3)]), {
      durableOffset: 4,
    })
    const endPosition = size + carrier.length
    expect(damages).toEqual([{ position: size, endPosition, fromOffset: 1, toOffset: 2, stamp: undefined }])
    expect(nextOffset).toBe(4)
  })

  test('nor is one whose offset would do', async () => {
    const carrier = batch(1, 3, batch(1)).fill(0, 0, recordBatchOverhead)
    const { damages } = await surveyOf(Buffer.concat([batch(0), carrier, batch(4), batch(5)]), {
      durableOffset: 6,
    })
    const endPosition = size + carrier.length
    expect(damages).toEqual([{ position: size, endPosition, fromOffset: 1, toOffset: 4, stamp: undefined }])
  })

  test('two damaged batches side by side are one stretch', async () => {
    const bytes = Buffer.concat([batch(0), broken(batch(1)), broken(batch(2)), batch(3)])
    const { damages } = await surveyOf(bytes, { durableOffset: 4 })
    expect(damages).toMatchObject([{ position: size, endPosition: 3 * size, fromOffset: 1, toOffset: 3 }])
  })

  test('a good batch between two damaged ones is kept', async () => {
    const bytes = Buffer.concat([batch(0), broken(batch(1)), batch(2), broken(batch(3)), batch(4)])
    const { damages } = await surveyOf(bytes, { durableOffset: 5 })
    expect(damages).toMatchObject([
      { fromOffset: 1, toOffset: 2 },
      { fromOffset: 3, toOffset: 4 },
    ])
  })

  test('a good batch between a damaged one and bytes that are none is kept', async () => {
    const bytes = Buffer.concat([batch(0), broken(batch(1)), batch(2), Buffer.alloc(size, 0x5a), batch(4)])
    const { damages } = await surveyOf(bytes, { durableOffset: 5 })
    expect(damages).toMatchObject([
      { fromOffset: 1, toOffset: 2 },
      { fromOffset: 3, toOffset: 4 },
    ])
  })

  test('bytes that hold no offset are only in the way', async () => {
    const { damages } = await surveyOf(Buffer.concat([batch(0), Buffer.alloc(99), batch(1)]), {
      durableOffset: 2,
    })
    expect(damages).toMatchObject([{ position: size, endPosition: size + 99, fromOffset: 1, toOffset: 1 }])
  })

  test('a garbage of exactly one header is no endless search', async () => {
    const { isTorn } = await surveyOf(Buffer.concat([batch(0), Buffer.alloc(recordBatchOverhead + 1, 7)]))
    expect(isTorn).toBe(true)
  })

  test('batches that vanished without a trace are a hole, in the middle and at the end', async () => {
    const middle = await surveyOf(Buffer.concat([batch(0), batch(3), batch(4)]), { durableOffset: 5 })
    expect(middle.damages).toMatchObject([{ position: size, endPosition: size, fromOffset: 1, toOffset: 3 }])
    const end = await surveyOf(Buffer.concat([batch(0), batch(3)]), { durableOffset: 4 })
    expect(end.damages).toMatchObject([{ position: size, endPosition: size, fromOffset: 1, toOffset: 3 }])
  })
})

describe('a batch of which only the first 17 bytes are damaged', () => {
  const whole = [batch(0), batch(1), batch(2)] as const

  test.each([
    ['its offset, upwards', (copy: Buffer) => copy.writeUInt8(1, 5)],
    ['its offset, downwards', (copy: Buffer) => copy.writeBigInt64BE(0n, 0)],
    ['its offset, beyond all numbers', (copy: Buffer) => copy.writeUInt8(0x70, 0)],
    ['its size, upwards', (copy: Buffer) => copy.writeInt32BE(copy.readInt32BE(8) + 64, 8)],
    ['its size, downwards', (copy: Buffer) => copy.writeInt32BE(3, 8)],
    ['its version', (copy: Buffer) => copy.writeUInt8(6, 16)],
    ['everything', (copy: Buffer) => copy.fill(0xee, 0, 17)],
  ])('can be restored: %s', async (_name, edit) => {
    for (const index of [0, 1, 2]) {
      const parts = whole.map((each, at) => (at === index ? stamped(each, edit) : each))
      const bytes = Buffer.concat(parts)
      if (bytes.equals(Buffer.concat(whole))) continue
      const { damages, nextOffset } = await surveyOf(bytes, { durableOffset: 3 })
      const position = index * size
      const stamp = whole[index]?.subarray(0, 17)
      expect(damages).toEqual([
        { position, endPosition: position + size, fromOffset: index, toOffset: damages[0]?.toOffset, stamp },
      ])
      expect(nextOffset).toBe(3)
    }
  })

  test('is not, where more is damaged', async () => {
    const bytes = Buffer.concat([
      batch(0),
      stamped(broken(batch(1)), (copy) => copy.writeUInt8(1, 5)),
      batch(2),
    ])
    const { damages } = await surveyOf(bytes, { durableOffset: 3 })
    expect(damages).toMatchObject([{ fromOffset: 1, toOffset: 2, stamp: undefined }])
  })

  test('is not, where it may have had one offset or another', async () => {
    const edit = (copy: Buffer) => copy.writeUInt8(6, 16)
    const bytes = Buffer.concat([batch(0), stamped(batch(1), edit), batch(3), batch(4)])
    const { damages } = await surveyOf(bytes, { durableOffset: 5 })
    expect(damages).toMatchObject([{ fromOffset: 1, toOffset: 3, stamp: undefined }])
  })

  test('keeps its own offset among gaps', async () => {
    const edit = (copy: Buffer) => copy.writeUInt8(6, 16)
    const bytes = Buffer.concat([batch(0), stamped(batch(5), edit), batch(9)])
    const { damages } = await surveyOf(bytes, { durableOffset: 10, allowGaps: true })
    expect(damages).toMatchObject([{ fromOffset: 1, toOffset: 9, stamp: batch(5).subarray(0, 17) }])
  })
})

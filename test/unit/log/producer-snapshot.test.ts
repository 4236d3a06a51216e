import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { incrementSequence } from '../../../src/batch/format.ts'
import { decodeProducerSnapshot, encodeProducerSnapshot } from '../../../src/log/producer-snapshot.ts'
import type { ProducerEntry } from '../../../src/log/producer-table.ts'
import { crc32c } from '../../../native-free/crc32c.ts'
import { checkProperty } from './seeded-property.ts'

/** Written by Apache Kafka: one producer, its last batch of two records, a marker of coordinator epoch 9. */
const kafkas =
  '0001d042519b00000001000000000000002a0001000000010000000000000006000000010000018bcfe5680700000009ffffffffffffffff'
const entry: ProducerEntry = {
  producerId: 42,
  producerEpoch: 1,
  coordinatorEpoch: 9,
  lastTimestamp: 1700000000007,
  currentTransactionFirstOffset: -1,
  batches: [{ firstSequence: 0, lastSequence: 1, firstOffset: 5, lastOffset: 6, timestamp: 1700000000007 }],
}

test('is what Kafka writes', () => {
  expect(encodeProducerSnapshot([entry]).toString('hex')).toBe(kafkas)
  expect(decodeProducerSnapshot(Buffer.from(kafkas, 'hex'))).toEqual({ value: [entry] })
  expect(encodeProducerSnapshot([])).toHaveLength(10)
  expect(decodeProducerSnapshot(encodeProducerSnapshot([]))).toEqual({ value: [] })
})

const int31 = fc.integer({ min: 0, max: 0x7fffffff })
const someEntry = fc
  .record({
    producerId: fc.maxSafeNat(),
    producerEpoch: fc.integer({ min: 0, max: 32767 }),
    coordinatorEpoch: fc.integer({ min: -1, max: 0x7fffffff }),
    lastTimestamp: fc.oneof(fc.constant(-1), fc.maxSafeNat()),
    currentTransactionFirstOffset: fc.oneof(fc.constant(-1), fc.maxSafeNat()),
    batch: fc.option(fc.record({ firstSequence: int31, lastOffset: fc.maxSafeNat(), delta: int31 })),
  })
  .map(({ batch, ...fields }): ProducerEntry => {
    if (batch === null) return { ...fields, batches: [] }
    const delta = Math.min(batch.delta, batch.lastOffset)
    const { firstSequence, lastOffset } = batch
    const lastSequence = incrementSequence(firstSequence, delta)
    const firstOffset = lastOffset - delta
    return {
      ...fields,
      batches: [{ firstSequence, lastSequence, firstOffset, lastOffset, timestamp: fields.lastTimestamp }],
    }
  })

const byId = (entries: readonly ProducerEntry[] = []) =>
  entries.toSorted((one, other) => one.producerId - other.producerId)

test('comes back whatever the producers, sequences across the wrap included', () => {
  const someEntries = fc.uniqueArray(someEntry, {
    selector: (each) => each.producerId,
    maxLength: 60,
    size: 'max',
  })
  checkProperty(someEntries, (entries) => {
    const bytes = encodeProducerSnapshot(entries)
    const { value } = decodeProducerSnapshot(bytes)
    expect(byId(value)).toEqual(byId(entries))
    expect(encodeProducerSnapshot(value ?? [])).toEqual(bytes)
  })
})

test('keeps only the last batch of each producer', () => {
  const earlier = { firstSequence: 9, lastSequence: 9, firstOffset: 1, lastOffset: 1, timestamp: 1 }
  const bytes = encodeProducerSnapshot([{ ...entry, batches: [earlier, ...entry.batches] }])
  expect(bytes.toString('hex')).toBe(kafkas)
})

/** The golden snapshot with other bytes at `position`, and a checksum that fits them. */
function sealed(position: number, hex: string, sizeBytes = 56): Buffer {
  const bytes = Buffer.concat([Buffer.from(kafkas, 'hex')], sizeBytes)
  bytes.write(hex, position, 'hex')
  bytes.writeUInt32BE(crc32c(bytes.subarray(6)), 2)
  return bytes
}

describe('refuses', () => {
  test('any single changed byte and any cut', () => {
    const bytes = Buffer.from(kafkas, 'hex')
    for (let position = 0; position < bytes.length; position++) {
      const damaged = Buffer.from(bytes)
      damaged[position] = (damaged[position] ?? 0) ^ 0x10
      expect([position, decodeProducerSnapshot(damaged).fault]).toEqual([position, expect.any(String)])
      expect([position, decodeProducerSnapshot(bytes.subarray(0, position)).fault]).toEqual([
        position,
        expect.any(String),
      ])
    }
  })

  test.each([
    [sealed(0, '0002'), 'its version is 2, known is only 1'],
    [sealed(6, '00000002'), 'it announces 2 entries, which 56 bytes do not hold'],
    [sealed(6, 'ffffffff'), 'it announces -1 entries'],
    // A shorter snapshot written over a longer one in place, as Kafka does.
    [sealed(6, '00000001', 70), 'it announces 1 entries, which 70 bytes do not hold'],
    [sealed(10, '7fffffffffffffff'), 'entry 0 holds an integer beyond 2^53'],
    [sealed(48, '0020000000000000'), 'entry 0 holds an integer beyond 2^53'],
    [Buffer.alloc(9), 'its 9 bytes are less than'],
    [Buffer.alloc(0), 'its 0 bytes are less than'],
  ])('%#', (bytes, fault) => expect(decodeProducerSnapshot(bytes).fault).toContain(fault))
})

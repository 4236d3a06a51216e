import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isNodeZstdPresent } from '../../../native-free/zstd.ts'
import { CodecUnavailableError, OutputTooLargeError, TidemarkError } from '../../../src/base/errors.ts'
import { Batch } from '../../../src/batch/batch.ts'
import { readControlRecord } from '../../../src/batch/control-record.ts'
import { BatchBuilder, type EncodeOptions, encodeBatch } from '../../../src/batch/encode-batch.ts'
import { iterateBatches } from '../../../src/batch/iterate-batches.ts'
import { type Bytes, headerPairs, type RecordInput } from '../../../src/batch/record-input.ts'
import { rewriteBatch } from '../../../src/batch/rewrite.ts'
import { validateForAppend } from '../../../src/batch/validate.ts'
import { readVectors } from './kafka-dump.ts'

const seeded = process.env.TIDEMARK_SEED ? { seed: Number(process.env.TIDEMARK_SEED) } : {}
const writable = ['none', 'gzip', 'snappy', 'lz4', ...(isNodeZstdPresent ? ['zstd' as const] : [])] as const

const text = fc.string({ unit: 'binary', maxLength: 80 })
const bytes: fc.Arbitrary<Bytes> = fc.oneof(text, fc.uint8Array({ maxLength: 200 }))
const nullableBytes = fc.option(bytes)
const timestamp = fc.oneof(fc.nat(), fc.integer({ min: 1.6e12, max: 1.8e12 }), fc.maxSafeNat())
const headers = fc.array(fc.tuple(text, nullableBytes), { maxLength: 4 })
const recordInput = fc.record(
  { key: nullableBytes, value: nullableBytes, timestamp, headers },
  { requiredKeys: [] },
)
const recordInputs = fc.array(recordInput, { minLength: 1, maxLength: 30 })
const int31 = fc.nat({ max: 2 ** 31 - 1 })
const options = fc.record({
  now: fc.integer({ min: 0, max: 2e12 }),
  baseOffset: fc.integer({ min: 0, max: 2 ** 50 }),
  partitionLeaderEpoch: int31,
  compression: fc.constantFrom(...writable),
  timestampType: fc.constantFrom('CreateTime', 'LogAppendTime'),
  producerId: fc.integer({ min: 0, max: 2 ** 50 }),
  producerEpoch: fc.nat({ max: 32_767 }),
  baseSequence: int31,
  isTransactional: fc.boolean(),
})

function toBuffer(value: Bytes | null | undefined): Buffer | null {
  if (value === null || value === undefined) return null
  return typeof value === 'string' ? Buffer.from(value) : Buffer.from(value)
}

function expectedRecord(record: RecordInput, index: number, given: EncodeOptions) {
  const pairs = headerPairs(record.headers, index)
  return {
    offset: (given.baseOffset ?? 0) + index,
    timestamp: given.timestampType === 'LogAppendTime' ? given.now : (record.timestamp ?? given.now),
    key: toBuffer(record.key),
    value: toBuffer(record.value),
    headerList: pairs.map(([name, value]) => ({ key: Buffer.from(name).toString(), value: toBuffer(value) })),
    sequence: ((given.baseSequence ?? 0) + index) % 2 ** 31,
  }
}

function decodedRecords(batch: Batch) {
  return Array.from(batch.records(), (record) => {
    const { offset, key, value, headerList, sequence } = record
    return { offset, timestamp: record.timestamp, key, value, headerList, sequence }
  })
}

describe('round trips', () => {
  test('any records under any options come back as they were', () => {
    fc.assert(
      fc.property(recordInputs, options, (records, given) => {
        const batch = new Batch(encodeBatch(records, given))
        expect(batch.fault()).toBeUndefined()
        const { now: _, ...header } = given
        expect(batch).toMatchObject(header)
        expect(batch.sizeBytes).toBe(batch.buffer.length)
        expect(decodedRecords(batch)).toEqual(
          records.map((record, index) => expectedRecord(record, index, given)),
        )
      }),
      { ...seeded, numRuns: 300 },
    )
  })

  test('a builder with a limit makes the batch of the records it took', () => {
    fc.assert(
      fc.property(recordInputs, options, fc.integer({ min: 61, max: 1000 }), (records, given, maxBytes) => {
        const builder = new BatchBuilder({ ...given, maxBytes, compression: 'none' })
        const taken = records.filter((record) => builder.tryAppend(record))
        expect(builder.count).toBe(taken.length)
        expect(builder.sizeBytes).toBeLessThanOrEqual(maxBytes)
        if (taken.length === 0) return
        const { sizeBytes } = builder
        const batch = builder.build()
        expect(batch.length).toBe(sizeBytes)
        expect(batch.equals(encodeBatch(taken, { ...given, compression: 'none' }))).toBe(true)
      }),
      seeded,
    )
  })

  test('rewriting keeps the records that are kept, and nothing else of them changes', () => {
    fc.assert(
      fc.property(
        recordInputs,
        options,
        fc.nat(),
        fc.option(fc.nat(), { nil: undefined }),
        (records, given, mask, horizon) => {
          const batch = new Batch(encodeBatch(records, given))
          const isKept = ({ offset }: { offset: number }) => ((mask >> (offset % 31)) & 1) === 1
          const deleteHorizonMs = horizon === undefined ? {} : { deleteHorizonMs: horizon }
          const rewritten = rewriteBatch(batch, isKept, { retainEmpty: true, ...deleteHorizonMs })
          const after = new Batch(rewritten ?? Buffer.alloc(0))
          expect(after.fault()).toBeUndefined()
          expect(decodedRecords(after)).toEqual(decodedRecords(batch).filter(isKept))
          const { baseOffset, lastOffset, producerId, producerEpoch, baseSequence, lastSequence } = batch
          expect(after).toMatchObject({
            baseOffset,
            lastOffset,
            producerId,
            producerEpoch,
            baseSequence,
            lastSequence,
          })
        },
      ),
      seeded,
    )
  })
})

/** Makes the checksum right again, so that the damage is found by what lies behind it. */
function reseal(input: Buffer): void {
  const batch = new Batch(input)
  if (input.length >= 61 && batch.magic === 2 && batch.sizeBytes >= 61 && batch.endPosition <= input.length) {
    input.writeUInt32BE(batch.computeCrc(), 17)
  }
}

describe('hostile bytes', () => {
  const rules = {
    maxMessageBytes: 1e9,
    compacted: true,
    nowMs: 1_700_000_000_000,
    timestampBeforeMaxMs: Number.POSITIVE_INFINITY,
    timestampAfterMaxMs: Number.POSITIVE_INFINITY,
    allowControl: true,
    maxDecompressedBytes: 1_000_000,
  }

  /** Everything that reads a batch. What it throws must be an error of this library. */
  function readEverything(input: Buffer): void {
    const attempts = [
      (batch: Batch) => validateForAppend(batch, rules),
      (batch: Batch) =>
        rewriteBatch(batch, ({ offset }) => offset % 2 === 0, { maxDecompressedBytes: 1_000_000 }),
      (batch: Batch) =>
        [...batch.records({ maxDecompressedBytes: 1_000_000 })].map((record) => record.toJSON()),
      (batch: Batch) => [...batch.records({ maxDecompressedBytes: 1_000_000 })].map(readControlRecord),
    ]
    for (const attempt of attempts) {
      try {
        for (const batch of iterateBatches(input)) attempt(batch)
      } catch (error) {
        if (!(error instanceof TidemarkError)) throw error
      }
    }
  }

  const sources = ['kafka-4.0/vectors2.txt', 'batches-4.3.1/vectors.txt'].flatMap(readVectors)
  const mutation = fc.tuple(fc.nat(), fc.oneof(fc.nat({ max: 255 }), fc.constantFrom(0, 0x7f, 0x80, 0xff)))

  test('mutated batches of every kind end in a typed error, or in records', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...sources),
        fc.array(mutation, { minLength: 1, maxLength: 6 }),
        fc.boolean(),
        (source, mutations, resealing) => {
          const input = Buffer.from(source.bytes)
          for (const [position, byte] of mutations) input[position % input.length] = byte
          if (resealing) reseal(input)
          readEverything(input)
        },
      ),
      { ...seeded, numRuns: 5000 },
    )
  })

  test('so do batches that are cut and bytes that never were batches', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...sources),
        fc.nat(),
        fc.uint8Array({ maxLength: 100 }),
        (source, cut, tail) => {
          const kept = source.bytes.subarray(0, cut % source.bytes.length)
          const input = Buffer.concat([kept, tail])
          if (input.length >= 12) input.writeInt32BE(input.length - 12, 8)
          reseal(input)
          readEverything(input)
        },
      ),
      { ...seeded, numRuns: 2000 },
    )
  })

  test('records that expand without end are refused', () => {
    const bomb = new Batch(encodeBatch([{ value: Buffer.alloc(2_000_000) }], { now: 0, compression: 'gzip' }))
    expect(() => bomb.records({ maxDecompressedBytes: 1_999_999 })).toThrow(OutputTooLargeError)
    expect([...bomb.records({ maxDecompressedBytes: 2_000_100 })]).toHaveLength(1)
  })

  test.runIf(!isNodeZstdPresent)('a compression that cannot be written here is named', () => {
    expect(() => encodeBatch([{}], { now: 0, compression: 'zstd' })).toThrow(CodecUnavailableError)
  })
})

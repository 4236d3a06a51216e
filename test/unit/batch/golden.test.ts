import { describe, expect, test } from 'vitest'
import { Batch } from '../../../src/batch/batch.ts'
import { type EncodeOptions, encodeBatch } from '../../../src/batch/encode-batch.ts'
import { iterateBatches } from '../../../src/batch/iterate-batches.ts'
import type { RecordInput } from '../../../src/batch/record-input.ts'
import { dumpBatch, readGolden, readVectors } from './kafka-dump.ts'

const segments = [0, 565, 1090, 1627].map((base) => `${String(base).padStart(20, '0')}.log`)

/** The lines of `dump-records.txt` about one file. */
function dumpedLines(file: string): string[] {
  const text = readGolden('kafka-4.0/dump-records.txt').toString()
  const section = text.slice(text.indexOf(`\n${file} `) + 1)
  const lines = section.split('\n').slice(1)
  const end = lines.findIndex((line) => line !== '' && !line.startsWith(' '))
  return lines.slice(0, end < 0 ? undefined : end).map((line) => line.trim())
}

/** The options that would make a producer's batch like `batch`. */
function optionsOf(batch: Batch): EncodeOptions {
  return {
    now: 0,
    baseOffset: batch.baseOffset,
    partitionLeaderEpoch: batch.partitionLeaderEpoch,
    compression: batch.compression,
    timestampType: batch.timestampType,
    logAppendTimeMs: batch.maxTimestamp,
    producerId: batch.producerId,
    producerEpoch: batch.producerEpoch,
    baseSequence: batch.baseSequence,
    isTransactional: batch.isTransactional,
    isControl: batch.isControl,
    ...(batch.hasDeleteHorizon && { deleteHorizonMs: batch.deleteHorizonMs }),
  }
}

function inputsOf(batch: Batch): RecordInput[] {
  return Array.from(batch.records(), ({ key, value, headerList, timestamp }) => ({
    key,
    value,
    timestamp,
    headers: headerList.map((header) => [header.key, header.value] as const),
  }))
}

describe.each(segments)('%s written by Kafka', (file) => {
  const bytes = readGolden(`kafka-4.0/fixture-0/${file}`)

  test('reads as Kafka reads it', () => {
    const lines: string[] = []
    for (const batch of iterateBatches(bytes)) {
      const [header = '', ...records] = dumpBatch(batch)
      lines.push(`@${batch.start}  ${header}`, ...records)
    }
    const expected = dumpedLines(file)
    expect(expected.length).toBeGreaterThan(50)
    expect(lines).toEqual(expected)
  })

  test('is encoded again to the same records, and the same bytes where no compressor has its say', () => {
    let compared = 0
    for (const batch of iterateBatches(bytes)) {
      // Kafka's builder counts timestamps from those given by the producer, which LogAppendTime does not let us see.
      if (batch.timestampType === 'LogAppendTime') continue
      const options =
        batch.compression === 'zstd'
          ? ({ ...optionsOf(batch), compression: 'gzip' } as const)
          : optionsOf(batch)
      const encoded = new Batch(encodeBatch(inputsOf(batch), options))
      expect(encoded.isValid()).toBe(true)
      expect(dumpBatch(encoded).slice(1)).toEqual(dumpBatch(batch).slice(1))
      if (batch.compression !== 'none') continue
      compared++
      expect(encoded.buffer.equals(bytes.subarray(batch.start, batch.endPosition))).toBe(true)
    }
    expect(compared).toBeGreaterThanOrEqual(5)
  })
})

describe.each(['kafka-4.0/vectors2.txt', 'batches-4.3.1/vectors.txt'])('the vectors of %s', (path) => {
  test.each(readVectors(path))('$name reads as Kafka reads it', ({ bytes, lines }) => {
    const read = [...iterateBatches(bytes)].flatMap(dumpBatch)
    expect(read).toEqual(lines)
    expect(lines.length).toBeGreaterThan(0)
  })
})

/** Bit-identical to what Kafka's encoder makes of the same records. */
const ts = 1_700_000_000_000
const a50 = 'a'.repeat(50)
const idempotent = { producerId: 7, producerEpoch: 2, baseSequence: 2 ** 31 - 2 }
const abc: RecordInput[] = [
  { key: 'a', value: a50 },
  { key: 'b', timestamp: ts + 5 },
  { value: 'zz', timestamp: ts - 3 },
]

describe('encodes the bytes that Kafka encodes', () => {
  test('one record', () => {
    const batch = encodeBatch([{ key: 'k', value: 'v' }], { now: ts, partitionLeaderEpoch: 0 })
    expect(batch.toString('hex')).toBe(
      '00000000000000000000003a0000000002e99b8dd80000000000000000018bcfe568000000018bcfe56800ffffffffffffffffffffffffffff0000000110000000026b027600',
    )
  })

  test('a transaction, headers, and a record of nulls', () => {
    const records: RecordInput[] = [
      { key: 'key1', value: 'hello', headers: { h1: 'x', h2: null } },
      { timestamp: ts + 7 },
    ]
    const producer = { producerId: 42, producerEpoch: 1, baseSequence: 0, isTransactional: true }
    const batch = encodeBatch(records, { now: ts, baseOffset: 5, partitionLeaderEpoch: 3, ...producer })
    expect(batch.toString('hex')).toBe(
      '000000000000000500000051000000030241ed4aa70010000000010000018bcfe568000000018bcfe56807000000000000002a0001000000000000000230000000086b6579310a68656c6c6f040468310278046832010c000e02010100',
    )
  })

  test.each([
    ['none, pid 7 epoch 2 baseSeq 2^31-2 => sequence wraps', {}],
    ['LogAppendTime', { timestampType: 'LogAppendTime', logAppendTimeMs: ts + 500 }],
    ['lz4', { compression: 'lz4' }],
  ] as const)('%s', (name, options) => {
    const vector = readVectors('kafka-4.0/vectors2.txt').find((one) => one.name === name)
    const batch = encodeBatch(abc, {
      now: ts,
      baseOffset: 10,
      partitionLeaderEpoch: 4,
      ...idempotent,
      ...options,
    })
    expect(batch.toString('hex')).toBe(vector?.bytes.toString('hex'))
  })

  test.each(['gzip', 'snappy(xerial)'] as const)(
    '%s, whose compressors differ in their bytes, as the same records',
    (name) => {
      const vector = readVectors('kafka-4.0/vectors2.txt').find((one) => one.name === name)
      const compression = name === 'gzip' ? 'gzip' : 'snappy'
      const options = {
        now: ts,
        baseOffset: 10,
        partitionLeaderEpoch: 4,
        compression,
        ...idempotent,
      } as const
      expect(dumpBatch(new Batch(encodeBatch(abc, options))).slice(1)).toEqual(vector?.lines.slice(1))
    },
  )
})

import { describe, expect, test } from 'vitest'
import { InvalidRecordError } from '../../../src/base/errors.ts'
import { Batch } from '../../../src/batch/batch.ts'
import {
  type ControlType,
  encodeEndTransactionMarker,
  encodeLeaderChange,
  readControlRecord,
  readLeaderChange,
} from '../../../src/batch/control-record.ts'
import { encodeBatch } from '../../../src/batch/encode-batch.ts'
import type { LogRecord } from '../../../src/batch/log-record.ts'

const timestampMs = 1_700_000_000_100
const place = { timestampMs, baseOffset: 7, partitionLeaderEpoch: 3 }
const producer = { producerId: 42, producerEpoch: 1, coordinatorEpoch: 9 }

function recordOf(batch: Buffer): LogRecord {
  const [record] = new Batch(batch).records()
  if (record === undefined) throw new Error('no record')
  return record
}

function control(key: Buffer | null, value: Buffer | null): LogRecord {
  return recordOf(encodeBatch([{ key, value }], { now: 0, isControl: true }))
}

describe('transaction markers are the bytes that Kafka writes', () => {
  test.each([
    [
      'COMMIT',
      '0000000000000007000000420000000302d4e0c6430030000000000000018bcfe568640000018bcfe56864000000000000002a0001ffffffff000000012000000008000000010c00000000000900',
    ],
    [
      'ABORT',
      '000000000000000700000042000000030220de100b0030000000000000018bcfe568640000018bcfe56864000000000000002a0001ffffffff000000012000000008000000000c00000000000900',
    ],
  ] as const)('%s', (type, hex) => {
    const marker = encodeEndTransactionMarker({ type, ...producer, ...place })
    expect(marker.toString('hex')).toBe(hex)
    expect(marker.length).toBe(78)
    expect(readControlRecord(recordOf(marker))).toEqual({ type, coordinatorEpoch: 9 })
    expect(new Batch(marker)).toMatchObject({ isControl: true, isTransactional: true, baseSequence: -1 })
  })
})

test('a leader change is the bytes that Kafka writes', () => {
  const change = { leaderId: 1, voters: [1, 2], grantingVoters: [1] }
  const batch = encodeLeaderChange({
    ...change,
    timestampMs: 1_700_000_000_000,
    baseOffset: 3,
    partitionLeaderEpoch: 9,
  })
  expect(batch.toString('hex')).toBe(
    '0000000000000003000000540000000902725319f00020000000000000018bcfe568000000018bcfe56800ffffffffffffffffffffffffffff000000014400000008000000023000000000000103000000010000000002000200000001000000',
  )
  expect(readControlRecord(recordOf(batch))).toEqual({ type: 'LEADER_CHANGE' })
  expect(readLeaderChange(recordOf(batch))).toEqual(change)
})

function typeOf(type: number): ControlType {
  const key = Buffer.alloc(4)
  key.writeInt16BE(type, 2)
  return readControlRecord(control(key, Buffer.alloc(6))).type
}

test('every type is known by its number, and others are UNKNOWN', () => {
  expect([0, 1, 2, 3, 4, 5, 6].map(typeOf)).toEqual([
    'ABORT',
    'COMMIT',
    'LEADER_CHANGE',
    'SNAPSHOT_HEADER',
    'SNAPSHOT_FOOTER',
    'KRAFT_VERSION',
    'KRAFT_VOTERS',
  ])
  expect([7, -1, 32_767].map(typeOf)).toEqual(['UNKNOWN', 'UNKNOWN', 'UNKNOWN'])
})

test('malformed ones are refused', () => {
  const leaderChange = Buffer.from([0, 0, 0, 2])
  expect(() => readControlRecord(control(null, null))).toThrow(InvalidRecordError)
  expect(() => readControlRecord(control(Buffer.alloc(3), null))).toThrow('no type in its key')
  expect(() => readControlRecord(control(Buffer.alloc(4), null))).toThrow('shorter than 6')
  expect(() => readControlRecord(control(Buffer.alloc(4), Buffer.alloc(5)))).toThrow('shorter than 6')
  for (const tail of ['', '7f', 'ff', '0200000001', '020000000101', 'ffffffff0f']) {
    const value = Buffer.concat([Buffer.alloc(6), Buffer.from(tail, 'hex')])
    expect(() => readLeaderChange(control(leaderChange, value)), tail).toThrow(InvalidRecordError)
  }
})

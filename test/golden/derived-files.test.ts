import { describe, expect, test } from 'vitest'
import { decodeOffsetCheckpoints, encodeOffsetCheckpoints } from '../../src/log/checkpoint-file.ts'
import type { Decoded } from '../../src/log/decoded.ts'
import { segmentFileName } from '../../src/log/file-names.ts'
import { IndexCadence } from '../../src/log/index-cadence.ts'
import { LeaderEpochs } from '../../src/log/leader-epochs.ts'
import { OffsetIndex } from '../../src/log/offset-index.ts'
import { decodePartitionMetadata, encodePartitionMetadata } from '../../src/log/partition-metadata.ts'
import { decodeProducerSnapshot, encodeProducerSnapshot } from '../../src/log/producer-snapshot.ts'
import { ProducerTable } from '../../src/log/producer-table.ts'
import { TimeIndex } from '../../src/log/time-index.ts'
import { TransactionIndex } from '../../src/log/transaction-index.ts'
import { readBatchHeaders } from './batch-headers.ts'
import { dumpedNumbers, readDump } from './dump.ts'
import {
  logEndOffset,
  readKafkaFile,
  readOptionalFile,
  readPartitionFile,
  segmentBases,
} from './kafka-directory.ts'

const dump = readDump()
const intervalBytes = 4096

function valueOf<T>(decoded: Decoded<T>): T {
  if (decoded.fault !== undefined) throw new Error(decoded.fault)
  return decoded.value
}

const headersOf = (base: number) => readBatchHeaders(readPartitionFile(segmentFileName(base, '.log')))

test('the headers that everything is rebuilt from are those Kafka reads', () => {
  for (const base of segmentBases) {
    const told = (dump.get(segmentFileName(base, '.log')) ?? []).map(({ text, fields }) => ({
      position: Number(/^@(\d+)/.exec(text)?.[1]),
      sizeBytes: Number(fields['size']),
      partitionLeaderEpoch: Number(fields['ple']),
      baseOffset: Number(fields['base']),
      lastOffset: Number(fields['last']),
      maxTimestamp: Number(fields['maxTs']),
      producerId: Number(fields['pid']),
      producerEpoch: Number(fields['epoch']),
      sequences: fields['seq'],
      isTransactional: fields['txn'] === 'true',
      isControl: fields['ctl'] === 'true',
    }))
    const read = headersOf(base).map(
      ({ baseSequence, lastSequence, controlType, coordinatorEpoch, ...header }) => {
        expect(controlType !== undefined && coordinatorEpoch === 7).toBe(header.isControl)
        return { ...header, sequences: `${baseSequence}..${lastSequence}` }
      },
    )
    expect(told.length).toBeGreaterThan(20)
    expect(read).toEqual(told)
  }
})

describe.each(segmentBases)('segment %d', (base) => {
  const read = (kind: '.index' | '.timeindex') => readPartitionFile(segmentFileName(base, kind))

  test('the offset index holds what Kafka reads in it', () => {
    const index = valueOf(OffsetIndex.decode(base, read('.index')))
    const entries = Array.from({ length: index.entryCount }, (_, number) => index.entry(number))
    expect(entries.length).toBeGreaterThan(0)
    expect(entries).toEqual(dumpedNumbers(dump, segmentFileName(base, '.index')))
    expect(index.encode()).toEqual(read('.index'))
  })

  test('the time index holds what Kafka reads in it', () => {
    const index = valueOf(TimeIndex.decode(base, read('.timeindex')))
    const entries = Array.from({ length: index.entryCount }, (_, number) => index.entry(number))
    expect(entries.length).toBeGreaterThan(0)
    expect(entries).toEqual(dumpedNumbers(dump, segmentFileName(base, '.timeindex')))
    expect(index.encode()).toEqual(read('.timeindex'))
  })

  test('the transaction index holds what Kafka reads in it', () => {
    const bytes = readOptionalFile(segmentFileName(base, '.txnindex'))
    const index = valueOf(TransactionIndex.decode(bytes))
    const entries = Array.from({ length: index.entryCount }, (_, number) => ({
      version: 0,
      ...index.entry(number),
    }))
    expect(entries).toEqual(dumpedNumbers(dump, segmentFileName(base, '.txnindex')))
    expect(index.encode()).toEqual(bytes)
  })

  test('the batches give the same offset and time index', () => {
    const cadence = new IndexCadence(intervalBytes)
    const offsets = new OffsetIndex(base)
    const times = new TimeIndex(base)
    let largest = { timestamp: -1, offset: base }
    for (const { sizeBytes, position, lastOffset, maxTimestamp } of headersOf(base)) {
      if (maxTimestamp > largest.timestamp) largest = { timestamp: maxTimestamp, offset: lastOffset }
      if (!cadence.onBatch(sizeBytes)) continue
      offsets.append(lastOffset, position)
      times.append(largest.timestamp, largest.offset)
    }
    times.append(largest.timestamp, largest.offset)
    expect(offsets.encode()).toEqual(read('.index'))
    expect(times.encode()).toEqual(read('.timeindex'))
  })
})

test('replaying the batches gives the transaction indexes and the producer snapshots', () => {
  const producers = new ProducerTable()
  let abortedCount = 0
  for (const base of segmentBases) {
    if (base > 0) {
      expect(encodeProducerSnapshot(producers.entries())).toEqual(
        readPartitionFile(segmentFileName(base, '.snapshot')),
      )
    }
    const index = new TransactionIndex()
    for (const header of headersOf(base)) {
      expect(producers.check(header)).toBeUndefined()
      const aborted = producers.apply(header)
      if (aborted !== undefined) index.append(aborted)
    }
    abortedCount += index.entryCount
    expect(index.encode()).toEqual(readOptionalFile(segmentFileName(base, '.txnindex')))
  }
  expect(abortedCount).toBe(6)
  expect(producers.firstUnstableOffset).toBeUndefined()
  const final = readPartitionFile(segmentFileName(logEndOffset, '.snapshot'))
  expect(encodeProducerSnapshot(producers.entries())).toEqual(final)
})

test('the batches give the same leader epochs', () => {
  const epochs = new LeaderEpochs()
  const headers = segmentBases.flatMap(headersOf)
  for (const { partitionLeaderEpoch, baseOffset } of headers) {
    if (partitionLeaderEpoch > epochs.latestEpoch) epochs.assign(partitionLeaderEpoch, baseOffset)
  }
  const text = readPartitionFile('leader-epoch-checkpoint').toString()
  expect(epochs.encode()).toBe(text)
  expect(valueOf(LeaderEpochs.decode(text)).encode()).toBe(text)
  for (const header of headers) expect(epochs.epochFor(header.baseOffset)).toBe(header.partitionLeaderEpoch)
})

describe.each([...segmentBases.slice(1), logEndOffset])('snapshot at %d', (endOffset) => {
  const bytes = readPartitionFile(segmentFileName(endOffset, '.snapshot'))

  test('holds what Kafka reads in it', () => {
    const told = dumpedNumbers(dump, segmentFileName(endOffset, '.snapshot')).map((fields) => ({
      producerId: fields['producerId'],
      producerEpoch: fields['producerEpoch'],
      coordinatorEpoch: fields['coordinatorEpoch'],
      lastTimestamp: fields['lastTimestamp'],
      currentTransactionFirstOffset: -1, // printed as OptionalLong.empty
      batches: [
        {
          firstSequence: fields['firstSeq'],
          lastSequence: fields['lastSeq'],
          firstOffset: fields['firstOffset'],
          lastOffset: fields['lastOffset'],
          timestamp: fields['timestamp'],
        },
      ],
    }))
    expect(told).toHaveLength(2)
    expect(valueOf(decodeProducerSnapshot(bytes))).toEqual(told)
  })

  test('is written again with the same bytes, also after a detour through the table', () => {
    const producers = new ProducerTable()
    producers.load(valueOf(decodeProducerSnapshot(bytes)).toReversed())
    expect(encodeProducerSnapshot(producers.entries())).toEqual(bytes)
  })
})

test('the checkpoints of the log directory are written again with the same bytes', () => {
  for (const [name, entries] of [
    ['recovery-point-offset-checkpoint', [{ topic: 'fixture', partition: 0, offset: logEndOffset }]],
    ['replication-offset-checkpoint', [{ topic: 'fixture', partition: 0, offset: logEndOffset }]],
    ['log-start-offset-checkpoint', []],
  ] as const) {
    const text = readKafkaFile(name).toString()
    expect(valueOf(decodeOffsetCheckpoints(text))).toEqual(entries)
    expect(encodeOffsetCheckpoints(entries)).toBe(text)
  }
})

test('the partition metadata is written again with the same bytes', () => {
  const bytes = readPartitionFile('partition.metadata')
  const topicId = valueOf(decodePartitionMetadata(bytes.toString()))
  expect(topicId).toEqual(Buffer.from('0000000000000000000000000000002a', 'hex'))
  expect(Buffer.from(encodePartitionMetadata(topicId))).toEqual(bytes)
  expect(bytes).toHaveLength(43)
})

import { describe, expect, test } from 'vitest'
import { iterateBatches } from '../../src/batch/iterate-batches.ts'
import { openLog } from '../../src/log/log.ts'
import type { PartitionLog } from '../../src/log/partition-log.ts'
import type { MemoryEnv } from '../../src/testing/memory-env.ts'
import { dumpBatch } from '../unit/batch/kafka-dump.ts'
import { dumpedNumbers, readDump } from './dump.ts'
import { logEndOffset, readKafkaFile, readPartitionFile, segmentBases } from './kafka-directory.ts'
import {
  kafkaSettings,
  kafkaWorld,
  openPartition,
  partitionDirectory,
  partitionFiles,
  putBytes,
  takeBytes,
} from './kafka-world.ts'

const dump = readDump()
const fileName = (base: number, kind: string) => `${String(base).padStart(20, '0')}${kind}`

/** What Kafka's readers print of all batches and records, without their places in the files. */
const dumpedLines = readKafkaFile('dump-records.txt')
  .toString()
  .split('\n')
  .map((line) => line.trim().replace(/^@\d+ +/, ''))
  .filter((line) => /^(batch|rec|control) /.test(line))

/** The aborted transactions that Kafka's readers find in all of the transaction indexes. */
const aborted = segmentBases
  .flatMap((base) => dumpedNumbers(dump, fileName(base, '.txnindex')))
  .map(({ producerId, firstOffset, lastOffset, lastStableOffset }) => ({
    producerId,
    firstOffset,
    lastOffset,
    lastStableOffset,
  }))

async function linesOf(log: PartitionLog): Promise<string[]> {
  const lines: string[] = []
  for (let offset = log.startOffset; offset < log.endOffset; ) {
    const { slice } = await log.reader.read(offset, 100_000)
    for (const batch of iterateBatches(slice.buffer)) lines.push(...dumpBatch(batch))
    offset = slice.nextOffset
  }
  return lines
}

async function expectAllOfKafka(log: PartitionLog): Promise<void> {
  expect([log.startOffset, log.endOffset]).toEqual([0, logEndOffset])
  expect(dumpedLines.length).toBeGreaterThan(2000)
  expect(await linesOf(log)).toEqual(dumpedLines)
  expect(aborted).toHaveLength(6)
  expect(log.abortedTransactions(0, logEndOffset)).toEqual(aborted)
  expect(log.state.epochs.entries).toEqual([
    { epoch: 0, startOffset: 0 },
    { epoch: 2, startOffset: 818 },
    { epoch: 5, startOffset: 1356 },
  ])
  expect(producersOf(log)).toEqual([
    {
      producerId: 1000,
      producerEpoch: 0,
      coordinatorEpoch: -1,
      lastTimestamp: 1700000258015,
      currentTransactionFirstOffset: -1,
      lastBatch: {
        firstSequence: 445,
        lastSequence: 450,
        firstOffset: 1748,
        lastOffset: 1753,
      },
    },
    {
      producerId: 2000,
      producerEpoch: 3,
      coordinatorEpoch: 7,
      lastTimestamp: 1700000256500,
      currentTransactionFirstOffset: -1,
      lastBatch: {
        firstSequence: 462,
        lastSequence: 467,
        firstOffset: 1718,
        lastOffset: 1723,
      },
    },
  ])
  expect(log.state.producers.firstUnstableOffset).toBeUndefined()
}

/** Without the time of the last batch, of which a snapshot keeps only the producer's, which may be that of a marker. */
function producersOf(log: PartitionLog) {
  return [...log.state.producers.entries()]
    .toSorted((one, other) => one.producerId - other.producerId)
    .map(({ batches, ...entry }) => {
      const { firstSequence, lastSequence, firstOffset, lastOffset } = batches.at(-1) ?? {}
      return { ...entry, lastBatch: { firstSequence, lastSequence, firstOffset, lastOffset } }
    })
}

const everythingIn = (env: MemoryEnv) =>
  Object.fromEntries(
    env.files
      .listSync(partitionDirectory)
      .sort()
      .map((name) => [name, takeBytes(env, name).toString('hex')]),
  )

describe('a partition that Kafka wrote', () => {
  test('is read as it is, and nothing of it changed', async () => {
    const env = kafkaWorld()
    const before = everythingIn(env)
    const log = await openPartition(env, { readOnly: true })
    await expectAllOfKafka(log)
    await log.close()
    expect(everythingIn(env)).toEqual(before)
  })

  test('is taken over, and again after that', async () => {
    const env = kafkaWorld()
    const log = await openPartition(env)
    expect(log.recovery).toMatchObject({ cleanStop: false, cut: undefined, lost: undefined, quarantined: [] })
    await expectAllOfKafka(log)
    await log.close()
    const again = await openPartition(env)
    expect(again.recovery).toMatchObject({ cleanStop: true, scannedSegments: 0 })
    await expectAllOfKafka(again)
    const killed = await openPartition(env.kill())
    // Nothing was changed, so that it is as it was closed.
    expect(killed.recovery).toMatchObject({ cleanStop: true, scannedSegments: 0 })
    await expectAllOfKafka(killed)
  })

  test('needs only its last segment scanned when Kafka said that the rest is flushed', async () => {
    const log = await openPartition(kafkaWorld(), { recoveryPoint: logEndOffset })
    expect(log.recovery).toMatchObject({ scannedSegments: 1, scannedBytes: 16488 })
    await expectAllOfKafka(log)
  })

  test('goes on in its last epoch, with its producers', async () => {
    const env = kafkaWorld()
    const log = await openLog(partitionDirectory, { env, ...kafkaSettings })
    const producer = { id: 1000, epoch: 0 }
    const duplicate = await log.append(
      Array.from({ length: 6 }, () => ({ value: 'x' })),
      { producer: { ...producer, sequence: 445 } },
    )
    expect(duplicate).toMatchObject({ baseOffset: 1748, lastOffset: 1753, duplicate: true })
    await log.append({ value: 'next' }, { producer: { ...producer, sequence: 451 } })
    const { value: batch } = await log.readBatches({ from: logEndOffset }).next()
    expect(batch).toMatchObject({ baseOffset: logEndOffset, partitionLeaderEpoch: 5 })
    expect(takeBytes(env, 'leader-epoch-checkpoint')).toEqual(readPartitionFile('leader-epoch-checkpoint'))
    await log.close()
  })

  test('is cut inside an older epoch and goes on in the latest, also after a kill', async () => {
    const env = kafkaWorld()
    const log = await openPartition(env)
    const end = await log.truncate(1000)
    expect(end).toBeLessThanOrEqual(1000)
    expect(log.abortedTransactions(0, 2000)).toEqual(aborted.filter(({ lastOffset = 0 }) => lastOffset < end))
    await log.close()
    const embedded = await openLog(partitionDirectory, { env, ...kafkaSettings })
    await embedded.append({ value: 'new' })
    const after = env.kill()
    for (const again of [
      await openLog(partitionDirectory, { env: after, ...kafkaSettings }),
      await openLog(partitionDirectory, { env: after, ...kafkaSettings, readOnly: true }),
    ]) {
      expect(again.get(end)?.value?.toString()).toBe('new')
      let count = 0
      for await (const batch of again.readBatches()) count += batch.nextOffset - batch.baseOffset
      expect(count).toBe(end + 1)
      await again.close()
    }
  })

  test('finds every record by its time as Kafka defines it', async () => {
    const log = await openPartition(kafkaWorld(), { readOnly: true })
    const times: (readonly [offset: number, timestamp: number])[] = []
    for (const line of dumpedLines) {
      const [, offset, timestamp] = /^rec off=(\d+) ts=(\d+) /.exec(line) ?? []
      if (offset !== undefined) times.push([Number(offset), Number(timestamp)])
    }
    const controls = new Set(
      dumpedLines.flatMap((line, index) =>
        line.startsWith('control ')
          ? [Number(/^rec off=(\d+) /.exec(dumpedLines[index - 1] ?? '')?.[1])]
          : [],
      ),
    )
    const data = times.filter(([offset]) => !controls.has(offset))
    expect(controls.size).toBeGreaterThan(10)
    for (let timestamp = 1_699_999_999_000; timestamp < 1_700_000_261_000; timestamp += 333) {
      const found = data.find(([, each]) => each >= timestamp)
      expect(log.offsetForTimestamp(timestamp)?.offset).toBe(found?.[0])
    }
  })
})

describe('after an unclean stop', () => {
  const isDerived = (name: string) => /\.(index|timeindex|txnindex|snapshot)$/.test(name)

  function expectBytesOfKafka(env: MemoryEnv, name: string): void {
    expect({ name, hex: takeBytes(env, name).toString('hex') }).toEqual({
      name,
      hex: readPartitionFile(name).toString('hex'),
    })
  }

  /** Everything that can be made from the batches, gone. */
  function withoutDerivedFiles(): MemoryEnv {
    const env = kafkaWorld()
    for (const name of partitionFiles.filter(isDerived)) env.files.removeSync(`${partitionDirectory}/${name}`)
    env.files.removeSync(`${partitionDirectory}/leader-epoch-checkpoint`)
    return env
  }

  test.each<[string, () => MemoryEnv]>([
    ['with all files in place', kafkaWorld],
    ['with nothing but the batches left', withoutDerivedFiles],
    [
      'with garbage in all files but the batches',
      () => {
        const env = kafkaWorld()
        for (const name of partitionFiles.filter(isDerived)) putBytes(env, name, Buffer.alloc(1000, 0xee))
        putBytes(env, 'leader-epoch-checkpoint', Buffer.from('what?'))
        return env
      },
    ],
  ])('%s, every derived file has the bytes that Kafka gave it', async (_, world) => {
    const env = world()
    const log = await openPartition(env)
    expect(log.recovery.scannedSegments).toBe(4)
    await expectAllOfKafka(log)
    const sealed = partitionFiles.filter(
      (name) => !name.startsWith('00000000000000001627') && isDerived(name),
    )
    for (const name of sealed.filter((each) => !each.endsWith('.snapshot'))) expectBytesOfKafka(env, name)
    await log.close()
    for (const name of partitionFiles) expectBytesOfKafka(env, name)
  })

  test('a broker of Kafka finds what it left, and beside it only files that it ignores', async () => {
    const env = kafkaWorld()
    await (await openPartition(env)).close()
    const names = env.files.listSync(partitionDirectory)
    expect(names).toEqual(expect.arrayContaining(partitionFiles))
    for (const name of names.filter((each) => !partitionFiles.includes(each)))
      expect(name).toMatch(/^tidemark-/)
  })
})

import { cpSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Batch } from '../../src/batch/batch.ts'
import type { CompressionName } from '../../src/batch/compression.ts'
import { iterateBatches } from '../../src/batch/iterate-batches.ts'
import { nodeEnv } from '../../src/env/node-env.ts'
import { FilePool } from '../../src/log/file-pool.ts'
import { IndexCache } from '../../src/log/index-cache.ts'
import { openLog } from '../../src/log/log.ts'
import { resolveLogConfig } from '../../src/log/log-config.ts'
import { PartitionLog } from '../../src/log/partition-log.ts'
import type { ProducerEntry } from '../../src/log/producer-table.ts'
import { readWhole } from '../../src/log/replace-file.ts'
import { verifyDirectory } from '../../src/log/verify-directory.ts'
import { ManualClock } from '../../src/testing/manual-clock.ts'
import {
  checkContent,
  directory as crashDirectory,
  openHere,
  worldToCompact,
} from '../crash/compaction-bench.ts'
import { FusedWorld } from '../crash/fused-world.ts'
import { settled } from '../property/settled.ts'
import { temporaryDirectory } from '../unit/env/temporary-directory.ts'
import { KafkaLoader } from './kafka/kafka-loader.ts'
import { describeWithKafka } from './kafka/run-kafka.ts'
import { LogFeeder } from './log-feeder.ts'
import { isRefused } from './recovery/load-answer.ts'
import { memoryDirectory } from './recovery/memory-directory.ts'

const minuteMs = 60_000
const deleteRetentionMs = 30 * minuteMs
/** Shortly after what the feeder writes. */
const startMs = 1_700_000_000_000 + 10 * minuteMs

/** What is left of a batch, in words; the bytes of compressed records are each codec's own affair. */
function textOf(batch: Batch): string {
  const { baseOffset, lastOffset, attributes, baseTimestamp, maxTimestamp, partitionLeaderEpoch } = batch
  const producer = `${batch.producerId} ${batch.producerEpoch} ${batch.baseSequence}`
  const records = Array.from(batch.records(), (record) => JSON.stringify(record))
  // One that this runtime cannot write is written in another codec.
  const kind = attributes & ~7
  return [
    `${baseOffset}..${lastOffset} ${kind} ${baseTimestamp} ${maxTimestamp} ${partitionLeaderEpoch} ${producer}`,
    ...records,
  ].join('\n')
}

/** Of its batches the last sequence, for no more than that outlives compaction or a snapshot. */
function producerText({
  producerId,
  producerEpoch,
  coordinatorEpoch,
  batches,
  ...rest
}: ProducerEntry): string {
  const open = rest.currentTransactionFirstOffset
  return `${producerId} ${producerEpoch} ${coordinatorEpoch} open ${open} last ${batches.at(-1)?.lastSequence}`
}

/** The log, opened as by a broker whose topic is compacted. */
async function withPartition<T>(
  directory: string,
  nowMs: number,
  use: (log: PartitionLog) => Promise<T>,
): Promise<T> {
  const pool = new FilePool(nodeEnv().files, 64)
  const log = await PartitionLog.open(directory, {
    env: { ...nodeEnv(), clock: new ManualClock(nowMs) },
    config: resolveLogConfig({
      cleanupPolicy: 'compact',
      deleteRetentionMs,
      segmentBytes: 1 << 20,
      indexBytesMax: 1 << 16,
      reserveBytes: 0,
    }),
    pool,
    indexCache: new IndexCache(1 << 24),
    startOffsets: { load: () => 0, store: () => Promise.resolve() },
  })
  try {
    return await use(log)
  } finally {
    await log.close()
  }
}

interface Content {
  /** Batches with records, and the base offsets of those that are headers only. */
  readonly batches: readonly string[]
  readonly headers: readonly number[]
  readonly producers: readonly string[]
}

function contentOf(directory: string, nowMs: number): Promise<Content> {
  const copy = join(temporaryDirectory(), 'copy-0')
  cpSync(directory, copy, { recursive: true })
  return withPartition(copy, nowMs, async ({ reader, startOffset, endOffset, state }) => {
    const all: Batch[] = []
    for (let offset = startOffset; offset < endOffset; ) {
      const { buffer, nextOffset } = reader.readSync(offset, 1 << 20)
      all.push(...iterateBatches(buffer))
      offset = nextOffset
    }
    return {
      batches: all.filter(({ recordsCount }) => recordsCount > 0).map(textOf),
      headers: all.filter(({ recordsCount }) => recordsCount === 0).map(({ baseOffset }) => baseOffset),
      producers: Array.from(state.producers.entries(), producerText).toSorted(),
    }
  })
}

describeWithKafka('compaction, ours and that of Kafka', () => {
  let kafka: KafkaLoader
  beforeAll(() => {
    kafka = new KafkaLoader()
  })
  afterAll(() => kafka[Symbol.asyncDispose]())

  async function cleanByKafka(directory: string, nowMs: number, firstDirtyOffset = 0): Promise<void> {
    const compact = { firstDirtyOffset, bufferBytes: 1 << 20, deleteRetentionMs }
    const known = { clean: true, recoveryPoint: 0, startOffset: 0, timestamps: [] }
    const answer = await kafka.load({ directory, nowMs, ...known, ...{ compact } })
    expect(isRefused(answer) ? answer.refused : '').toBe('')
    expect(isRefused(answer) || answer.readFault).toBeUndefined()
  }

  async function cleanHere(directory: string, nowMs: number): Promise<void> {
    const report = await withPartition(directory, nowMs, (log) => log.compact())
    expect(report.isComplete).toBe(true)
    const { ok, files } = await verifyDirectory(directory, { allowGaps: true })
    expect(files.filter(({ verdict }) => verdict === 'damaged')).toEqual([])
    expect(ok).toBe(true)
  }

  async function written(codecs: readonly CompressionName[]): Promise<string> {
    const directory = join(temporaryDirectory(), 'cleaned-0')
    await using log = await openLog(directory, {
      segmentBytes: 4500,
      indexIntervalBytes: 500,
      reserveBytes: 0,
    })
    const feeder = new LogFeeder((batch) => log.appendBatch(batch), { codecs })
    await feeder.feed(8)
    return directory
  }

  async function expectSame(ours: string, theirs: string, nowMs: number): Promise<Content> {
    const [here, there] = [await contentOf(ours, nowMs), await contentOf(theirs, nowMs)]
    expect(here.batches).toEqual(there.batches)
    // Ours keeps one more where a segment ends.
    expect(here.headers).toEqual(expect.arrayContaining([...there.headers]))
    expect(here.producers).toEqual(there.producers)
    return here
  }

  test.each<[string, readonly CompressionName[]]>([
    ['uncompressed', ['none']],
    ['in every codec', ['none', 'gzip', 'snappy', 'lz4']],
  ])('leave the same of a log %s, pass after pass', async (_, codecs) => {
    const ours = await written(codecs)
    const theirs = join(temporaryDirectory(), 'cleaned-0')
    cpSync(ours, theirs, { recursive: true })
    const before = await contentOf(ours, startMs)
    const left: Content[] = []
    for (const pass of [0, 1, 2, 3]) {
      const nowMs = startMs + 2 * pass * deleteRetentionMs
      // Each goes on with what the other has left.
      const swapped = pass === 2
      await cleanHere(swapped ? theirs : ours, nowMs)
      await cleanByKafka(swapped ? ours : theirs, nowMs)
      left.push(await expectSame(swapped ? theirs : ours, swapped ? ours : theirs, nowMs))
    }
    const counts = [before, ...left].map(({ batches }) => batches.length)
    expect(counts.toSorted((one, other) => other - one)).toEqual(counts)
    expect(counts[1]).toBeLessThan(counts[0] ?? 0)
    // Tombstones and markers of aborted transactions, once they had served their time.
    expect(counts.at(-1)).toBeLessThan(counts[1] ?? 0)
  })

  test('is finished or undone by Kafka where ours was killed', async () => {
    const states = await statesOfPass()
    expect(states.size).toBeGreaterThan(20)
    const known = { clean: false, recoveryPoint: 0, startOffset: 0, timestamps: [], nowMs: startMs }
    for (const [names, files] of states) {
      const directory = join(memoryDirectory(), 'orders-0')
      mkdirSync(directory)
      for (const [name, bytes] of files) writeFileSync(join(directory, name), bytes)
      const answer = await kafka.load({ directory, ...known })
      expect(isRefused(answer) ? answer.refused : answer.readFault, names).toBeUndefined()
      expect(readdirSync(directory).filter((name) => /cleaned|swap/.test(name))).toEqual([])
      await using log = await openLog(directory, { cleanupPolicy: 'compact', reserveBytes: 0 })
      await checkContent(log)
    }
  })
})

/** The directories that a pass leaves when its process dies at one of its calls, by the names in them. */
async function statesOfPass(): Promise<Map<string, (readonly [name: string, bytes: Buffer])[]>> {
  const states = new Map<string, (readonly [name: string, bytes: Buffer])[]>()
  for (let calls = 0; ; calls++) {
    const world = new FusedWorld(await worldToCompact())
    const log = await openHere(world.env)
    world.arm(calls, 'kill')
    await settled(log.compact().catch(() => undefined))
    if (!world.isOver) return states
    world.restart()
    const { files } = world.memory
    const names = files.listSync(crashDirectory).filter((name) => !name.startsWith('.lock'))
    states.set(
      names.sort().join(' '),
      names.map((name) => [name, readWhole(files, join(crashDirectory, name), 1 << 20) ?? Buffer.alloc(0)]),
    )
  }
}

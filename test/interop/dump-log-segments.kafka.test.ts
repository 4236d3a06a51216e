import { copyFileSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { iterateBatches } from '../../src/batch/iterate-batches.ts'
import { parseSegmentFileName, segmentFileName } from '../../src/log/file-names.ts'
import { type Log, openLog } from '../../src/log/log.ts'
import type { LogOptions } from '../../src/log/log-options.ts'
import { temporaryDirectory } from '../unit/env/temporary-directory.ts'
import { dumpLogSegments, type SegmentsDump } from './kafka/dump-log-segments.ts'
import { describeWithKafka } from './kafka/run-kafka.ts'
import { LogFeeder } from './log-feeder.ts'
import { dumpText } from './text/dump-text.ts'

const smallSegments = { segmentBytes: 8192, indexIntervalBytes: 512 }

/** What may become of a log before Kafka is asked about its files. */
const lives: readonly (readonly [string, LogOptions, (log: Log, feeder: LogFeeder) => Promise<unknown>])[] = [
  ['one segment', {}, (_, feeder) => feeder.feed(4)],
  ['many segments', smallSegments, (_, feeder) => feeder.feed(8)],
  ['an index entry per batch', { ...smallSegments, indexIntervalBytes: 0 }, (_, feeder) => feeder.feed(4)],
  ['LogAppendTime', { ...smallSegments, timestampType: 'LogAppendTime' }, (_, feeder) => feeder.feed(4)],
  ['an open transaction', smallSegments, (_, feeder) => feeder.feed(2).then(() => feeder.leaveOpen(900))],
  ['truncated and gone on with', smallSegments, truncated],
  ['trimmed', smallSegments, trimmed],
]

async function truncated(log: Log, feeder: LogFeeder): Promise<void> {
  await feeder.feed(4)
  const middle = Math.floor(log.endOffset / 2)
  await log.truncate(middle)
  await new LogFeeder((batch) => log.appendBatch(batch), { firstProducerId: 1000 }).feed(3)
}

async function trimmed(log: Log, feeder: LogFeeder): Promise<void> {
  await feeder.feed(6)
  await log.trim(Math.floor(log.endOffset / 2))
  await feeder.feed(1)
}

/** Logs of Kafka's own topics, which its decoders read. */
const internalTopics = fileURLToPath(
  new URL('../../data/golden/kafka-4.3.1-broker/internal', import.meta.url),
)
const decoders = [
  ['__cluster_metadata', '--cluster-metadata-decoder'],
  ['__consumer_offsets', '--offsets-decoder'],
  ['__share_group_state', '--share-group-state-decoder'],
  ['__transaction_state', '--transaction-log-decoder'],
  ['remote-log-metadata', '--remote-log-metadata-decoder'],
] as const

describeWithKafka("Kafka's DumpLogSegments", () => {
  test.each(lives)('reads every file of a log as we do: %s', async (_, options, live) => {
    const directory = await write(options, live)
    const names = segmentFiles(directory)
    expect(names.filter((name) => name.endsWith('.txnindex')).length).toBeGreaterThan(0)
    const dump = await dumpLogSegments(inDirectory(directory, names), '--deep-iteration', '--print-data-log')
    expect(dump.files).toBe(dumpText(directory, names))
    expect(complaintsIn(dump)).toEqual(complaintsAbout(directory, names))
  })

  test('finds every index sane, and every entry where it points to', async () => {
    const directory = await write(smallSegments, (_, feeder) => feeder.feed(8))
    const names = segmentFiles(directory).filter((name) => /\.(time)?index$/.test(name))
    expect(names.length).toBeGreaterThan(8)
    const paths = inDirectory(directory, names)
    const sane = await dumpLogSegments(paths, '--index-sanity-check')
    expect(sane.files).toBe(paths.map((path) => `Dumping ${path}\n${path} passed sanity check.\n`).join(''))
    const verified = await dumpLogSegments(paths, '--verify-index-only')
    expect(verified).toMatchObject({
      files: paths.map((path) => `Dumping ${path}\n`).join(''),
      complaints: '',
    })
  })

  test.each(decoders)('decodes the records of %s in our log as in its own', async (topic, decoder) => {
    const theirs = join(temporaryDirectory(), segmentFileName(0, '.log'))
    copyFileSync(join(internalTopics, `${topic}.log`), theirs)
    const directory = await write({}, (log) => copyBatches(theirs, log))
    const ours = join(directory, segmentFileName(0, '.log'))
    const told = await dumpLogSegments([ours], decoder)
    expect(recordsOf(told)).toEqual(recordsOf(await dumpLogSegments([theirs], decoder)))
    expect(recordsOf(told).length).toBeGreaterThan(0)
    expect(told.complaints).toBe('')
  })
})

/** Every batch as it is: some of Kafka's own are none that a client could send. */
async function copyBatches(path: string, log: Log): Promise<void> {
  for (const batch of iterateBatches(readFileSync(path)))
    await log.appendBatch(batch.buffer.subarray(batch.start, batch.endPosition), { check: 'checksum' })
}

/** The lines about records; those about batches tell the leader epoch, which was another. */
function recordsOf({ files }: SegmentsDump): string[] {
  return files.split('\n').filter((line) => line.startsWith('|'))
}

function segmentFiles(directory: string): string[] {
  return readdirSync(directory)
    .filter((name) => parseSegmentFileName(name)?.state === 'current')
    .toSorted()
}

function inDirectory(directory: string, names: readonly string[]): string[] {
  return names.map((name) => join(directory, name))
}

/** In any order, as they come: a line for the file, and one for each of its offsets. */
function complaintsIn({ complaints }: SegmentsDump): string[] {
  return complaints
    .split('\n')
    .filter((line) => line !== '')
    .toSorted()
}

/** Kafka expects offset 0 at the beginning of every file, and says so where a segment begins with another. */
function complaintsAbout(directory: string, names: readonly string[]): string[] {
  const logs = names.filter((name) => name.endsWith('.log'))
  return logs
    .flatMap((name) => {
      const base = parseSegmentFileName(name)?.baseOffset ?? 0
      const lines = [`Non-consecutive offsets in ${join(directory, name)}`, `  -1 is followed by ${base}`]
      return base > 0 ? lines : []
    })
    .toSorted()
}

async function write(
  options: LogOptions,
  live: (log: Log, feeder: LogFeeder) => Promise<unknown>,
  directory: string = join(temporaryDirectory(), 'orders-0'),
): Promise<string> {
  await using log = await openLog(directory, options)
  await live(log, new LogFeeder((batch) => log.appendBatch(batch)))
  return directory
}

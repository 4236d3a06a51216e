import { cpSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import type { LogRecord } from '../../src/batch/log-record.ts'
import { nodeEnv } from '../../src/env/node-env.ts'
import { cleanShutdownFile, lockFile, partitionMetadataFile } from '../../src/log/file-names.ts'
import { FilePool } from '../../src/log/file-pool.ts'
import { openLog } from '../../src/log/log.ts'
import { checkLog } from '../open-test-log.ts'
import { temporaryDirectory } from '../unit/env/temporary-directory.ts'
import { Broker } from './kafka/broker.ts'
import { describeWithKafka } from './kafka/run-kafka.ts'
import { LogFeeder } from './log-feeder.ts'
import { openPartition } from './recovery/load-with-tidemark.ts'
import { readCommitted } from './recording/read-committed.ts'
import { consoleText } from './text/console-text.ts'

const topic = 'adopted'
/** As the topic is configured, so that Kafka goes on in the same way. */
const topicSettings = { segmentBytes: 4500, indexIntervalBytes: 500, indexBytesMax: 4096 }

/** A broker is stopped, the files of one of its partitions are replaced by ours, and it is started again. */
describeWithKafka('a partition that we wrote, in the hands of a broker', () => {
  const work = temporaryDirectory()
  const partition = join(work, 'data', `${topic}-0`)

  beforeAll(async () => {
    await using broker = await Broker.start(work)
    await broker.feed('create')
    await broker.stop()
  })

  test.each([
    ['which stopped cleanly, and trusts our indexes', 'clean'],
    ['which was killed, and scans our log', 'killed'],
  ])('is served as we serve it by a broker %s', async (_, stop) => {
    replaceFiles(await writeLog(), partition)
    if (stop === 'killed') rmSync(join(work, 'data', cleanShutdownFile))
    const expected = await textsOf(partition)
    expect(expected.committedCount).toBeLessThan(expected.uncommittedCount)
    await using broker = await Broker.start(work)
    const [uncommitted, committed] = await Promise.all([
      broker.consume(topic, 'read_uncommitted', expected.uncommittedCount),
      broker.consume(topic, 'read_committed', expected.committedCount),
    ])
    expect(uncommitted).toBe(expected.uncommitted)
    expect(committed).toBe(expected.committed)
    await broker.stop()
  })

  test('goes back and forth: Kafka appends to it, then we do, then it is read by Kafka', async () => {
    replaceFiles(await writeLog(), partition)
    await using first = await Broker.start(work)
    await first.feed(`append=${topic}`)
    const afterKafka = await consumeAll(first)
    await first.stop()
    expect(await allRecords(partition)).toBe(afterKafka)
    await appendHere(partition)
    await using second = await Broker.start(work)
    const afterUs = await consumeAll(second)
    await second.stop()
    expect(afterUs).toMatch(/\tof ours\tback again\n$/)
    expect(afterUs).toBe(await allRecords(partition))
    await checkLog(partition)
  })
})

/** Everything that we can write, and a transaction that is still open. */
async function writeLog(): Promise<string> {
  const directory = join(temporaryDirectory(), 'written-0')
  await using log = await openLog(directory, topicSettings)
  const feeder = new LogFeeder((batch) => log.appendBatch(batch))
  await feeder.feed(5)
  await feeder.leaveOpen(900)
  return directory
}

/** The topic's id is the broker's to give. */
function replaceFiles(written: string, partition: string): void {
  for (const name of readdirSync(partition))
    if (name !== partitionMetadataFile) rmSync(join(partition, name), { recursive: true })
  for (const name of readdirSync(written))
    if (name !== partitionMetadataFile && name !== lockFile)
      cpSync(join(written, name), join(partition, name), { recursive: true })
}

/** What of the partition is to be seen under each isolation level. */
async function textsOf(directory: string) {
  const known = { directory, clean: true, recoveryPoint: 0, startOffset: 0, nowMs: 0, timestamps: [] }
  const pool = new FilePool(nodeEnv().files, 64)
  const log = await openPartition(known, pool, { readOnly: true })
  const committed = [...readCommitted(log)]
  pool.dropDirectory(directory)
  const uncommitted = await recordsOf(directory)
  return {
    ...{ uncommitted: consoleText(uncommitted), uncommittedCount: uncommitted.length },
    ...{ committed: consoleText(committed), committedCount: committed.length },
  }
}

async function recordsOf(directory: string): Promise<LogRecord[]> {
  await using log = await openLog(directory, { readOnly: true })
  const records: LogRecord[] = []
  for await (const record of log.read()) records.push(record)
  return records
}

async function allRecords(directory: string): Promise<string> {
  return consoleText(await recordsOf(directory))
}

/** To the end of the topic, in the words of the console consumer. */
async function consumeAll(broker: Broker): Promise<string> {
  const output = temporaryDirectory()
  await broker.consumeAll(output, `${topic}.read_uncommitted`)
  return readFileSync(join(output, `${topic}.read_uncommitted.txt`), 'utf8')
}

/** Takes the log over, and leaves it as Kafka would find it. */
async function appendHere(directory: string): Promise<void> {
  await using log = await openLog(directory, topicSettings)
  expect(log.recovery).toMatchObject({ cut: undefined, lost: undefined, quarantined: [] })
  await log.append({ key: 'of ours', value: 'back again' })
}

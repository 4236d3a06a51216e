import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as zlib from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { CompressionName } from '../../src/batch/compression.ts'
import type { ConsumedRecord } from '../../src/client/consumer/consumed-record.ts'
import type { ProducerRecord, RecordMetadata } from '../../src/client/producer/producer-record.ts'
import { Tidemark } from '../../src/embedded/tidemark.ts'
import { eventually } from '../contract/world.ts'
import { temporaryDirectory } from '../unit/env/temporary-directory.ts'
import { Broker, type IsolationLevel } from './kafka/broker.ts'
import { dumpLogSegments } from './kafka/dump-log-segments.ts'
import { describeWithKafka } from './kafka/run-kafka.ts'
import { consoleText, type PrintedRecord } from './text/console-text.ts'
import { dumpText } from './text/dump-text.ts'

/** The codecs that this runtime can write. */
const codecs: readonly CompressionName[] = [
  ...(['none', 'gzip', 'snappy', 'lz4'] as const),
  ...('zstdCompressSync' in zlib ? (['zstd'] as const) : []),
]

/** Topics of `FeedTopics.java`, and how they are read. */
const fed = [
  ...(['codecs', 'stamped', 'transactions'] as const).map((topic) => [topic, 'read_uncommitted'] as const),
  ['transactions', 'read_committed'],
] as const

describeWithKafka('our clients and the Java clients, at Apache Kafka', () => {
  let broker: Broker
  let tidemark: Tidemark

  beforeAll(async () => {
    broker = await Broker.start(temporaryDirectory())
    tidemark = await Tidemark.connect(broker.address)
  })

  afterAll(async () => {
    await tidemark.close()
    await broker.kill()
  })

  test('what our producer sends is what the Java consumer reads, and what DumpLogSegments finds', async () => {
    const topics = codecs.map((codec) => `sent-${codec}`)
    await tidemark.admin().createTopics(topics.map((name) => ({ name, partitions: 1 })))
    const sent = await Promise.all(codecs.map((codec) => send(`sent-${codec}`, codec)))
    const consumed = await consumeWithJava(...topics.map((topic) => `${topic}.read_uncommitted` as const))
    expect(consumed).toEqual(sent.map(consoleText))

    for (const [index, topic] of topics.entries()) {
      const directory = join(broker.dataDirectory, `${topic}-0`)
      const names = readdirSync(directory).filter((name) => name.endsWith('.log'))
      const paths = names.map((name) => join(directory, name))
      const dump = await dumpLogSegments(paths, '--deep-iteration', '--print-data-log')
      expect(dump).toEqual({ files: dumpText(directory, names), complaints: '' })
      expect(dump.files).toMatch(new RegExp(`compresscodec: ${codecs[index]} `))
      // Idempotent, and several records to a batch.
      expect(dump.files).toMatch(/count: ([2-9]|\d\d) baseSequence: [1-9]\d* .* producerId: \d+ /)
    }
  })

  test('what Java producers send is what our consumer reads as theirs does: every codec, transactions', async () => {
    await broker.feed('create', 'feed=1', 'feed=2', 'open')
    const consumed = await consumeWithJava(
      ...fed.map((each) => each.join('.') as `${string}.${IsolationLevel}`),
    )
    for (const [index, [topic, isolationLevel]] of fed.entries()) {
      const expected = consumed[index] ?? ''
      expect(consoleText(await consumeWithOurs(topic, isolationLevel))).toBe(expected)
    }
    // What is aborted, or open, is there for those who want to see it.
    const [committed = '', all = ''] = consumed.toReversed()
    expect(committed.split('\n').length).toBeLessThan(all.split('\n').length)
  })

  /** Records as they ought to be read. */
  async function send(topic: string, compression: CompressionName): Promise<PrintedRecord[]> {
    await using producer = tidemark.producer({ compression, lingerMs: 20, batchSize: 1200 })
    const records = Array.from({ length: 60 }, (_, index) => recordOf(topic, index))
    const metadata = await producer.sendAll(records)
    return records.map((record, index) => printed(record, metadata[index]))
  }

  /** What Java's consumer prints of each of them. */
  async function consumeWithJava(...wanted: `${string}.${IsolationLevel}`[]): Promise<string[]> {
    const output = join(temporaryDirectory(), 'consumed')
    mkdirSync(output)
    await broker.consumeAll(output, ...wanted)
    return wanted.map((name) => readFileSync(join(output, `${name}.txt`), 'utf8'))
  }

  /** All records up to the end that consumers of that isolation level see. */
  async function consumeWithOurs(topic: string, isolationLevel: IsolationLevel): Promise<ConsumedRecord[]> {
    const partition = { topic, partition: 0 }
    await using consumer = tidemark.consumer({
      assignment: [{ ...partition, offset: 0 }],
      isolationLevel,
      // Many small ones, which begin in the middle of transactions.
      maxPartitionFetchBytes: 700,
    })
    const records: ConsumedRecord[] = []
    const enough = new AbortController()
    const reading = (async () => {
      for await (const record of consumer.records({ signal: enough.signal })) records.push(record)
    })()
    const over = reading.catch(() => {})
    const [end] = await consumer.endOffsets([partition])
    // Past aborted records and markers, too.
    await eventually(async () => expect(await consumer.position(partition)).toBe(end?.offset))
    enough.abort()
    await over
    return records
  }
})

/** Every few records one lacks something: a key, a value, a header's value. */
function recordOf(topic: string, index: number): ProducerRecord<string, string> {
  return {
    topic,
    key: index % 5 === 0 ? null : `key-${index % 7}`,
    value:
      index % 11 === 3
        ? null
        : index % 11 === 4
          ? ''
          : `${'a'.repeat((index * 13) % 120)} žluťoučký 🐎 ${index}`,
    headers:
      index % 3 === 0
        ? [
            ['trace', 'ab'],
            ['nothing', null],
            ['trace', ''],
          ]
        : [],
    timestamp: 1_700_000_000_000 + index * 7 - (index % 9 === 8 ? 100 : 0),
  }
}

function printed(
  { key, value, headers = [] }: ProducerRecord<string, string>,
  metadata: RecordMetadata | undefined,
): PrintedRecord {
  const bytes = (text: string | null | undefined) => (typeof text === 'string' ? Buffer.from(text) : null)
  const pairs = headers as readonly (readonly [string, string | null])[]
  return {
    timestampType: 'CreateTime',
    timestamp: metadata?.timestamp ?? -1,
    offset: metadata?.offset ?? -1,
    headerList: pairs.map(([name, text]) => ({ key: name, value: bytes(text) })),
    key: bytes(key),
    value: bytes(value),
  }
}

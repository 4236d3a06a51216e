import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Mirror, type MirrorReport } from '../../src/client/mirror/mirror.ts'
import { Tidemark } from '../../src/embedded/tidemark.ts'
import { temporaryDirectory } from '../unit/env/temporary-directory.ts'
import { recordsOf } from '../unit/client/mirror/two-clusters.ts'
import { Broker } from './kafka/broker.ts'
import { describeWithKafka } from './kafka/run-kafka.ts'

const topics = ['codecs', 'transactions', 'trimmed', 'stamped', 'compacted']

/** What Kafka's console consumer shows of a topic, but for offsets and for who has set the timestamps. */
async function shown(broker: Broker, topic: string, count: number): Promise<string[]> {
  const text = await broker.consume(topic, 'read_committed', count)
  return text
    .trimEnd()
    .split('\n')
    .map((line) => line.replace(/^(?:Create|LogAppend)Time:/, '').replace(/\tOffset:\d+\t/, '\t'))
}

/**
 * Records of all kinds go from one Apache Kafka to a directory of ours and on to another Apache Kafka: what Kafka's own consumer shows
 * of the first and the last must be the same.
 */
describeWithKafka('a mirror from Apache Kafka to a directory, and on to Apache Kafka', () => {
  let first: Broker
  let last: Broker
  let between: Tidemark
  let source: Tidemark
  let target: Tidemark
  const warnings: string[] = []

  beforeAll(async () => {
    const work = temporaryDirectory()
    first = await Broker.start(join(work, 'first'))
    await first.feed('create', 'feed=1', 'trim=40', 'compact', 'group')
    last = await Broker.start(join(work, 'last'))
    between = await Tidemark.open(join(work, 'between'))
    source = await Tidemark.connect(first.address)
    target = await Tidemark.connect(last.address)
  })

  afterAll(async () => {
    await source?.close()
    await target?.close()
    await between?.close()
    await first?.stop()
    await last?.stop()
  })

  /** Not every Node can write zstd, which the source has too. */
  async function mirrorBothWays(): Promise<MirrorReport[]> {
    const onWarning = (message: string) => void warnings.push(message)
    const options = { topics, groups: ['readers', 'middle'], compression: 'gzip', onWarning } as const
    const there = await new Mirror({ ...options, from: source, to: between }).run()
    return [there, await new Mirror({ ...options, from: between, to: target }).run()]
  }

  async function expectSame(topic: string): Promise<void> {
    const count = (await recordsOf(source, topic)).length
    expect(count).toBeGreaterThan(0)
    expect(await recordsOf(target, topic)).toHaveLength(count)
    expect(await shown(last, topic, count), topic).toEqual(await shown(first, topic, count))
  }

  test('keeps what Kafka shows of every kind of record', async () => {
    await mirrorBothWays()
    for (const topic of topics) await expectSame(topic)
    // With it Kafka's own tests make small segments.
    for (const each of warnings)
      expect(each).toMatch(/the target knows no config internal\.segment\.bytes: left out$/)
  })

  test('goes on where it was', async () => {
    await first.feed('feed=2')
    const [there, back] = await mirrorBothWays()
    const counts = (report: MirrorReport | undefined) =>
      report?.partitions.map(({ recordCount }) => recordCount)
    expect(counts(back)).toEqual(counts(there))
    for (const count of counts(there) ?? []) expect(count).toBeGreaterThan(0)
    for (const topic of ['codecs', 'transactions']) await expectSame(topic)
    expect(counts((await mirrorBothWays())[0])).toEqual([0, 0, 0, 0, 0])
  })

  test('takes groups to the record at which they are, past aborted transactions and markers', async () => {
    const records = await recordsOf(source, 'transactions')
    const middle = Math.floor(records.length / 2)
    const offset = records[middle]?.offset ?? -1
    expect(offset).toBeGreaterThan(middle)
    await source.admin().alterGroupOffsets('middle', [{ topic: 'transactions', partition: 0, offset }])
    await mirrorBothWays()
    const admin = target.admin()
    expect(await admin.listGroupOffsets('middle')).toMatchObject([{ topic: 'transactions', offset: middle }])
    // There are no gaps in this one.
    const [reader] = await source.admin().listGroupOffsets('readers')
    expect(reader?.offset).toBeGreaterThan(0)
    const { topic, partition, offset: same } = reader ?? {}
    expect(await admin.listGroupOffsets('readers')).toMatchObject([{ topic, partition, offset: same }])
  })
})

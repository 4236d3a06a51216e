import type { CompactionOptions } from '../../../src/log/compaction-report.ts'
import { describe, expect, test } from 'vitest'
import { encodeBatch } from '../../../src/batch/encode-batch.ts'
import { iterateBatches } from '../../../src/batch/iterate-batches.ts'
import { resourceTypes } from '../../../src/broker/config/config-store.ts'
import { changeConfigs } from '../../../src/broker/store-config.ts'
import { readWhole } from '../../../src/log/replace-file.ts'
import { faultyFiles } from '../../../src/testing/faulty-files.ts'
import { ManualClock } from '../../../src/testing/manual-clock.ts'
import { type MemoryEnv, memoryEnv } from '../../../src/testing/memory-env.ts'
import { offsetCommitRequest, offsetCommitResponse } from '../../../src/wire/messages/08-offset-commit.ts'
import { offsetFetchRequest, offsetFetchResponse } from '../../../src/wire/messages/09-offset-fetch.ts'
import { openBroker, type TestBroker } from './open-broker.ts'

const compacted = { 'cleanup.policy': 'compact', 'internal.segment.bytes': '1024' }
const checkpointPath = '/data/cleaner-offset-checkpoint'

async function makeTopic(
  { broker }: TestBroker,
  name: string,
  config: Readonly<Record<string, string>> = compacted,
): Promise<void> {
  await broker.controller.createTopic({ name, partitionCount: 1, replicationFactor: 1, config })
  await broker.replicas.settled()
}

/** Appends `count` records one by one, whose keys go round among `keyCount`; the values are their numbers. */
async function fill(
  { broker, clock }: TestBroker,
  topic: string,
  { count = 100, keyCount = 5, from = 0 } = {},
): Promise<void> {
  const partition = broker.replicas.get(topic, 0)
  for (let number = from; number < from + count; number++) {
    const record = { key: `key ${number % keyCount}`, value: String(number).padEnd(50) }
    const batch = encodeBatch([record], { now: clock.nowMs() })
    await partition.append(batch, { requiredAcks: -1, timeoutMs: 1000 })
  }
}

async function numbersIn(tested: TestBroker, topic: string): Promise<number[]> {
  return (await valuesIn(tested, topic)).map(Number)
}

async function valuesIn({ broker }: TestBroker, topic: string): Promise<string[]> {
  const partition = broker.replicas.get(topic, 0)
  const values: string[] = []
  for (let offset = partition.log.startOffset; offset < partition.highWatermark; ) {
    const request = { offset, maxBytes: 1 << 20, atLeastOneBatch: true, isolation: 'read_committed' } as const
    const { records, nextOffset } = await partition.read(request)
    for (const batch of iterateBatches(records))
      for (const { value } of batch.records()) values.push(String(value))
    offset = nextOffset
  }
  return values
}

function bytesOf({ broker }: TestBroker, topic: string): number {
  return broker.replicas.get(topic, 0).log.state.segments.sizeBytes
}

function checkpointIn(env: MemoryEnv): string {
  return String(readWhole(env.files, checkpointPath, 1024))
}

async function setPolicy({ broker }: TestBroker, topic: string, settings: Readonly<Record<string, string>>) {
  const resource = { resourceType: resourceTypes.topic, resourceName: topic }
  await changeConfigs(broker, [resource], false, () => ({ 'internal.segment.bytes': '1024', ...settings }))
}

describe('the cleaner', () => {
  test('keeps the last record of each key, and the rest of a log that is not compacted', async () => {
    await using tested = await openBroker()
    await makeTopic(tested, 'table')
    await makeTopic(tested, 'stream', { 'internal.segment.bytes': '1024' })
    for (const topic of ['table', 'stream']) await fill(tested, topic)
    expect(await tested.broker.compactLogs()).toBe(1)
    const numbers = await numbersIn(tested, 'table')
    expect(numbers.length).toBeLessThan(25)
    expect(numbers.slice(-5)).toEqual([95, 96, 97, 98, 99])
    expect(await numbersIn(tested, 'stream')).toHaveLength(100)
  })

  test('works by itself, every log.cleaner.backoff.ms', async () => {
    await using tested = await openBroker({ properties: { 'log.cleaner.backoff.ms': '2000' } })
    await makeTopic(tested, 'table')
    await fill(tested, 'table')
    const before = bytesOf(tested, 'table')
    await tested.clock.runFor(1999)
    expect(bytesOf(tested, 'table')).toBe(before)
    await tested.clock.runFor(1)
    // This comes after the round that has begun.
    expect(await tested.broker.compactLogs()).toBe(0)
    expect(bytesOf(tested, 'table')).toBeLessThan(before / 2)
  })

  test('does nothing with log.cleaner.enable=false', async () => {
    await using tested = await openBroker({ properties: { 'log.cleaner.enable': 'false' } })
    await makeTopic(tested, 'table')
    await fill(tested, 'table')
    expect(await tested.broker.compactLogs()).toBe(0)
  })

  test('takes the dirtiest log first', async () => {
    await using tested = await openBroker()
    for (const topic of ['half', 'all']) await makeTopic(tested, topic)
    await fill(tested, 'half', { keyCount: 60 })
    await tested.broker.compactLogs()
    await fill(tested, 'half', { from: 100, keyCount: 60, count: 150 })
    await fill(tested, 'all')
    const order: string[] = []
    for (const topic of ['half', 'all']) {
      const { log } = tested.broker.replicas.get(topic, 0)
      const compact = log.compact.bind(log)
      log.compact = async (options) => {
        order.push(topic)
        return compact(options)
      }
    }
    expect(await tested.broker.compactLogs()).toBe(2)
    expect(order).toEqual(['all', 'half'])
  })

  test('waits for min.cleanable.dirty.ratio, or for max.compaction.lag.ms', async () => {
    await using tested = await openBroker()
    const lagging = { ...compacted, 'min.cleanable.dirty.ratio': '0.9', 'max.compaction.lag.ms': '60000' }
    await makeTopic(tested, 'table', lagging)
    await fill(tested, 'table', { keyCount: 80 })
    expect(await tested.broker.compactLogs()).toBe(1)
    await fill(tested, 'table', { from: 100, keyCount: 80 })
    expect(await tested.broker.compactLogs()).toBe(0)
    tested.clock.jump(60_001)
    expect(await tested.broker.compactLogs()).toBe(1)
  })

  test('drops tombstones when their time is over, though nothing is dirty', async () => {
    await using tested = await openBroker()
    await makeTopic(tested, 'table', { ...compacted, 'delete.retention.ms': '60000' })
    const partition = tested.broker.replicas.get('table', 0)
    const tombstone = encodeBatch([{ key: 'gone', value: null }], { now: tested.clock.nowMs() })
    await partition.append(tombstone, { requiredAcks: -1, timeoutMs: 0 })
    await fill(tested, 'table')
    await tested.broker.compactLogs()
    expect(await valuesIn(tested, 'table')).toContain('null')
    tested.clock.jump(60_001)
    expect(await tested.broker.compactLogs()).toBe(1)
    expect(await valuesIn(tested, 'table')).not.toContain('null')
    expect(await tested.broker.compactLogs()).toBe(0)
  })

  test('leaves retention by age and size to compact,delete', async () => {
    await using tested = await openBroker()
    const short = { 'internal.segment.bytes': '1024', 'retention.ms': '1000' }
    await makeTopic(tested, 'table', { ...short, 'cleanup.policy': 'compact' })
    await makeTopic(tested, 'both', { ...short, 'cleanup.policy': 'compact,delete' })
    for (const topic of ['table', 'both']) await fill(tested, topic)
    expect(await tested.broker.compactLogs()).toBe(2)
    tested.clock.jump(2000)
    await tested.broker.applyRetention()
    expect(await numbersIn(tested, 'table')).not.toEqual([])
    expect(await numbersIn(tested, 'both')).toEqual([])
  })

  test('compacts what lies behind the start of a log that was trimmed beyond the clean part', async () => {
    await using tested = await openBroker()
    await makeTopic(tested, 'table')
    await fill(tested, 'table', { count: 50 })
    await tested.broker.compactLogs()
    await fill(tested, 'table', { from: 50 })
    await tested.broker.replicas.get('table', 0).deleteRecords(70)
    expect(await tested.broker.compactLogs()).toBe(1)
    const numbers = await numbersIn(tested, 'table')
    expect(numbers.length).toBeLessThan(25)
    expect(numbers.slice(-5)).toEqual([145, 146, 147, 148, 149])
  })
})

describe('what the cleaner keeps', () => {
  test('is in the checkpoint of Kafka after each pass, power cut or not', async () => {
    const first = await openBroker()
    await makeTopic(first, 'table')
    await fill(first, 'table')
    await first.broker.compactLogs()
    const env = first.env.crash()
    expect(checkpointIn(env)).toMatch(/^0\n1\ntable 0 \d\d\n$/)
    await using second = await openBroker({ env })
    expect(await second.broker.compactLogs()).toBe(0)
    await fill(second, 'table', { from: 100 })
    expect(await second.broker.compactLogs()).toBe(1)
  })

  test.each(['after a clean stop', 'after a kill'])(
    'lets a log with gaps be opened under another policy, %s',
    async (how) => {
      const first = await openBroker()
      await makeTopic(first, 'table')
      await fill(first, 'table')
      await first.broker.compactLogs()
      const numbers = await numbersIn(first, 'table')
      await setPolicy(first, 'table', { 'cleanup.policy': 'delete' })
      expect(await numbersIn(first, 'table')).toEqual(numbers)
      const env = how === 'after a kill' ? first.env.kill() : first.env
      if (how === 'after a clean stop') await first.broker.close()
      await using second = await openBroker({ env })
      expect(second.broker.opening.fenced).toEqual([])
      expect(await numbersIn(second, 'table')).toEqual(numbers)
    },
  )

  test('is there before the first gap is', async () => {
    const clock = new ManualClock()
    const world = memoryEnv({ seed: 1, clock })
    // The swap is the last that happens: what was to be stored after it never is.
    const files = faultyFiles(world.files, [
      { kind: 'rename', path: /\.swap$/, nth: 2, fault: 'EIO', times: Infinity },
    ])
    const first = await openBroker({ env: world, options: { env: { ...world, files } } })
    await makeTopic(first, 'table')
    await fill(first, 'table')
    await first.broker.compactLogs()
    const env = world.kill()
    expect(checkpointIn(env)).toBe('0\n1\ntable 0 0\n')
  })

  test('goes with its topic, also from the disk', async () => {
    const first = await openBroker()
    await makeTopic(first, 'table')
    await fill(first, 'table')
    await first.broker.compactLogs()
    await first.broker.replicas.get('table', 0).deleteRecords(90)
    await first.broker.controller.deleteTopic('table')
    await first.broker.replicas.settled()
    await makeTopic(first, 'table')
    await fill(first, 'table')
    const env = first.env.crash()
    await using second = await openBroker({ env })
    expect(checkpointIn(env)).toBe('0\n0\n')
    expect(await numbersIn(second, 'table')).toHaveLength(100)
  })

  test('is not what a pass finds that ends when its topic is gone', async () => {
    await using tested = await openBroker()
    const { controller, replicas, directories } = tested.broker
    await makeTopic(tested, 'table')
    await fill(tested, 'table')
    const { log } = replicas.get('table', 0)
    const compact = log.compact.bind(log)
    log.compact = async (options) => {
      const report = await compact(options)
      await controller.deleteTopic('table')
      await replicas.settled()
      return report
    }
    await tested.broker.compactLogs()
    expect(directories[0]?.offset('cleaner', { topic: 'table', partition: 0 })).toBeUndefined()
  })

  test('is lowered, durably, where the log ends before it', async () => {
    const first = await openBroker()
    await makeTopic(first, 'table')
    await fill(first, 'table')
    await first.broker.close()
    const file = first.env.files.openSync(checkpointPath, 'write')
    file.writevSync([Buffer.from('0\n1\ntable 0 100000\n')], 0)
    file.closeSync()
    const env = first.env.kill()
    const second = await openBroker({ env })
    expect(checkpointIn(env)).toBe('0\n1\ntable 0 100\n')
    await second.broker.close()
  })
})

test('a topic that becomes compacted is, without being opened anew', async () => {
  await using tested = await openBroker()
  await makeTopic(tested, 'table', { 'internal.segment.bytes': '1024' })
  await fill(tested, 'table')
  await setPolicy(tested, 'table', { 'cleanup.policy': 'compact' })
  expect(await tested.broker.compactLogs()).toBe(1)
  expect((await numbersIn(tested, 'table')).length).toBeLessThan(25)
  await fill(tested, 'table', { from: 100 })
  expect((await numbersIn(tested, 'table')).slice(-100)).toHaveLength(100)
})

test('a pass that fails is reported, fences nothing, and is made again', async () => {
  const clock = new ManualClock()
  const env = memoryEnv({ seed: 1, clock })
  const files = faultyFiles(env.files)
  const warnings: string[] = []
  const options = { env: { ...env, files }, onWarning: (message: string) => void warnings.push(message) }
  await using tested = await openBroker({ env, options })
  for (const topic of ['broken', 'whole']) {
    await makeTopic(tested, topic)
    await fill(tested, topic)
  }
  files.use([{ kind: 'open', path: /broken-0.*\.cleaned$/, fault: 'EIO', times: Infinity }])
  expect(await tested.broker.compactLogs()).toBe(1)
  expect(warnings).toEqual(['compacting broken-0 failed'])
  expect(await numbersIn(tested, 'broken')).toHaveLength(100)
  await fill(tested, 'broken', { from: 100, count: 5 })
  files.use([])
  expect(await tested.broker.compactLogs()).toBe(1)
  expect((await numbersIn(tested, 'broken')).slice(-5)).toEqual([100, 101, 102, 103, 104])
})

test('a topic that is deleted, and a broker that closes, end the pass under way in silence', async () => {
  const warnings: string[] = []
  const options = { onWarning: (message: string) => void warnings.push(message) }
  const tested = await openBroker({ options })
  for (const topic of ['deleted', 'table']) {
    await makeTopic(tested, topic)
    await fill(tested, topic)
  }
  const passes = tested.broker.compactLogs()
  await tested.broker.controller.deleteTopic('deleted')
  await tested.broker.close()
  expect(await passes).toBeLessThan(2)
  expect(warnings).toEqual([])
  expect(checkpointIn(tested.env)).not.toContain('deleted')
})

test('a broker that closes does not wait for the end of a pass', async () => {
  const warnings: string[] = []
  const tested = await openBroker({ options: { onWarning: (message) => void warnings.push(message) } })
  await makeTopic(tested, 'table')
  await fill(tested, 'table')
  const { log } = tested.broker.replicas.get('table', 0)
  // A pass that would take for ever.
  let passes: Promise<number> | undefined
  await new Promise<void>((begun) => {
    log.compact = (options?: CompactionOptions) =>
      new Promise((_, reject) => {
        const signal = options?.signal
        signal?.addEventListener('abort', () => reject(signal.reason as Error))
        begun()
      })
    passes = tested.broker.compactLogs()
  })
  await tested.broker.close()
  expect(await passes).toBe(0)
  expect(warnings).toEqual([])
})

test('100,000 commits leave little in __consumer_offsets', async () => {
  const properties = { 'offsets.topic.num.partitions': '1', 'offsets.topic.segment.bytes': '1' }
  const tested = await openBroker({ properties })
  await tested.broker.controller.createTopic({ name: 'orders', partitionCount: 100, replicationFactor: 1 })
  await tested.broker.makeOffsetsTopic()
  const commit = async (committedOffset: number) => {
    const partitions = Array.from({ length: 100 }, (_, partitionIndex) => ({
      partitionIndex,
      committedOffset,
      committedMetadata: '',
    }))
    const declared = { request: offsetCommitRequest, response: offsetCommitResponse }
    const request = { groupId: 'readers', topics: [{ name: 'orders', partitions }] }
    const response = await tested.ask(declared, request, { version: 9 })
    expect(new Set(response?.topics[0]?.partitions.map(({ errorCode }) => errorCode))).toEqual(new Set([0]))
  }
  let largestBytes = 0
  for (let round = 1; round <= 1000; round++) {
    await commit(round)
    if (round % 50 === 0) await tested.broker.compactLogs()
    largestBytes = Math.max(largestBytes, bytesOf(tested, '__consumer_offsets'))
  }
  expect(tested.broker.replicas.get('__consumer_offsets', 0).highWatermark).toBeGreaterThanOrEqual(100_000)
  // Two segments of the least size, where the commits would take ten.
  expect(largestBytes).toBeLessThan(2.5 * 1024 * 1024)
  await using again = await openBroker({ env: tested.env.kill(), properties })
  const fetched = await again.ask(
    { request: offsetFetchRequest, response: offsetFetchResponse },
    { groups: [{ groupId: 'readers', topics: [{ name: 'orders', partitionIndexes: [0, 99] }] }] },
    { version: 9 },
  )
  const offsets = fetched?.groups[0]?.topics[0]?.partitions.map(({ committedOffset }) => committedOffset)
  expect(offsets).toEqual([1000, 1000])
})

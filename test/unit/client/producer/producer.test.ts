import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { ClosedError, InvalidRecordError, RecordTooLargeError } from '../../../../src/base/errors.ts'
import { ClusterClient } from '../../../../src/client/cluster/cluster-client.ts'
import {
  Producer,
  type ProducerOptions,
  type ProducerRecord,
} from '../../../../src/client/producer/producer.ts'
import { nodeClock } from '../../../../src/env/node-clock.ts'
import { nodeEnv } from '../../../../src/env/node-env.ts'
import { turn } from '../../../../src/env/turn.ts'
import { startTestCluster } from '../../../../src/testing/start-test-cluster.ts'
import type { TestCluster } from '../../../../src/testing/test-cluster.ts'

let broker: TestCluster
let client: ClusterClient
let topicCount = 0

beforeAll(async () => {
  broker = await startTestCluster({ config: { 'auto.create.topics.enable': false } })
  client = new ClusterClient({ env: nodeEnv(), bootstrapServers: broker.bootstrap })
})

afterAll(async () => {
  client.close()
  await broker.close()
})

async function newTopic(partitions = 1, config: Record<string, string | number> = {}): Promise<string> {
  const name = `topic-${++topicCount}`
  await broker.createTopic({ name, partitions, config })
  return name
}

function newProducer<K = string, V = string>(options: ProducerOptions<K, V> = {}): Producer<K, V> {
  const producer = new Producer<K, V>(client, options)
  onTestFinished(() => producer.close({ timeoutMs: 0 }))
  return producer
}

function numbered(topic: string, count: number): ProducerRecord<string, string>[] {
  return Array.from({ length: count }, (_, number) => ({ topic, value: `${number}` }))
}

async function valuesIn(topic: string): Promise<string[]> {
  return (await broker.records(topic)).map(({ value }) => String(value))
}

describe('what is sent', () => {
  test('arrives as it is, and where it is said to be', async () => {
    const topic = await newTopic(3)
    const producer = newProducer<string, object>({ key: 'string', value: 'json' })
    const record = {
      topic,
      partition: 2,
      key: 'k',
      value: { a: 1 },
      headers: { h: 'x', n: null },
      timestamp: 1_234,
    }
    expect(await producer.send(record)).toEqual({ topic, partition: 2, offset: 0, timestamp: 1_234 })
    expect(await producer.send({ topic, partition: 2 })).toMatchObject({ partition: 2, offset: 1 })
    const [first, second] = await broker.records(topic)
    expect([String(first?.key), String(first?.value), first?.timestamp]).toEqual(['k', '{"a":1}', 1_234])
    expect(first?.headers).toMatchObject({ n: null })
    expect(String(first?.headers['h'])).toBe('x')
    expect([second?.key, second?.value]).toEqual([null, null])
  })

  test('records of a key go to one partition, in their order; those without one to all of them', async () => {
    const topic = await newTopic(4)
    const producer = newProducer({ batchSize: 200 })
    const keyed = await producer.sendAll(
      Array.from({ length: 200 }, (_, number) => ({ topic, key: `k${number % 10}`, value: `${number}` })),
    )
    const byKey = (key: number) => keyed.filter((_, number) => number % 10 === key)
    for (let key = 0; key < 10; key++) {
      expect(new Set(byKey(key).map(({ partition }) => partition)).size).toBe(1)
      const offsets = byKey(key).map(({ offset }) => offset)
      expect(offsets).toEqual([...offsets].sort((a, b) => a - b))
    }
    const spread = await producer.sendAll(numbered(topic, 2000))
    expect(new Set(spread.map(({ partition }) => partition)).size).toBe(4)
  })

  test.each(['gzip', 'snappy', 'lz4'] as const)('is compressed with %s', async (compression) => {
    const topic = await newTopic()
    await newProducer({ compression }).sendAll(numbered(topic, 500))
    expect(await valuesIn(topic)).toEqual(numbered(topic, 500).map(({ value }) => value))
    const { log } = broker.broker.replicas.get(topic, 0)
    expect(log.state.endOffset).toBe(500)
  })

  test.each([0, 1] as const)('is written with acks=%s too', async (acks) => {
    const topic = await newTopic()
    const producer = newProducer({ acks })
    const sent = await producer.sendAll(numbered(topic, 20))
    expect(sent.map(({ offset }) => offset)).toEqual(
      numbered(topic, 20).map((_, number) => (acks === 0 ? -1 : number)),
    )
    while ((await valuesIn(topic)).length < 20) await turn(nodeClock())
    expect(await valuesIn(topic)).toEqual(numbered(topic, 20).map(({ value }) => value))
  })

  test("has the broker's time, where the topic wants it so", async () => {
    const topic = await newTopic(1, { 'message.timestamp.type': 'LogAppendTime' })
    const { timestamp } = await newProducer().send({ topic, timestamp: 5 })
    expect(timestamp).toBeGreaterThan(1_600_000_000_000)
  })
})

describe('faults', () => {
  test.each(['dropNextResponse', 'disconnectNext'] as const)('%s: written once, in order', async (fault) => {
    const topic = await newTopic()
    const producer = newProducer({ requestTimeoutMs: 300, batchSize: 100, lingerMs: 0 })
    await producer.send({ topic, value: 'first' })
    const { used } = broker[fault]('Produce')
    const sent = producer.sendAll(numbered(topic, 100))
    await used
    expect((await sent).map(({ offset }) => offset)).toEqual(
      numbered(topic, 100).map((_, number) => number + 1),
    )
    expect((await valuesIn(topic)).slice(1)).toEqual(numbered(topic, 100).map(({ value }) => value))
    expect(producer.metrics().retryCount).toBeGreaterThan(0)
  })

  test('the second of five fails, and all are written in order', async () => {
    const topic = await newTopic()
    const producer = newProducer({ batchSize: 100, lingerMs: 0 })
    await producer.send({ topic, value: 'first' })
    broker.delayNext('Produce', 20)
    broker.failNext('Produce', 'NOT_ENOUGH_REPLICAS')
    await producer.sendAll(numbered(topic, 100))
    expect((await valuesIn(topic)).slice(1)).toEqual(numbered(topic, 100).map(({ value }) => value))
  })

  test('a batch that is refused for its size is split until it fits; a record that is too large by itself fails', async () => {
    const topic = await newTopic(1, { 'max.message.bytes': 300 })
    const producer = newProducer({ batchSize: 10_000 })
    const values = numbered(topic, 200)
    const large = producer.send({ topic, value: 'x'.repeat(400) })
    const others = producer.sendAll(values)
    await expect(large).rejects.toMatchObject({ kafkaName: 'MESSAGE_TOO_LARGE' })
    await others
    expect(await valuesIn(topic)).toEqual(values.map(({ value }) => value))
    expect(producer.metrics()).toMatchObject({ bufferedBytes: 0, failedCount: 1, acknowledgedCount: 200 })
    expect(producer.metrics().splitCount).toBeGreaterThan(3)
  })

  test('a record that is at fault is told apart from those that were in its batch', async () => {
    const topic = await newTopic(1, { 'cleanup.policy': 'compact' })
    const producer = newProducer()
    const good = producer.send({ topic, key: 'k', value: 'v' })
    const bad = producer.send({ topic, value: 'no key' })
    await expect(bad).rejects.toThrow('refused the record')
    await expect(good).rejects.toThrow('because of other records in it')
    await expect(good).rejects.toThrow(InvalidRecordError)
    expect(await producer.send({ topic, key: 'k', value: 'v' })).toMatchObject({ offset: 0 })
  })

  test('what can never be sent is refused at once', async () => {
    const topic = await newTopic(2)
    const producer = newProducer({ maxRequestSize: 1000 })
    await expect(producer.send({ topic, value: 'x'.repeat(1000) })).rejects.toThrow(RecordTooLargeError)
    await expect(producer.send({ topic, partition: 2 })).rejects.toThrow('there is no partition 2 in topic')
    await expect(producer.send({ topic: '' })).rejects.toThrow(TypeError)
    await expect(producer.send({ topic, partition: -1 })).rejects.toThrow(RangeError)
    await expect(producer.send({ topic, timestamp: 1.5 })).rejects.toThrow(
      'timestamp must be whole milliseconds',
    )
    await expect(producer.send({ topic, headers: 7 as never })).rejects.toThrow('headers must be')
    await expect(producer.send({ topic, value: 7 as never })).rejects.toThrow(
      'must be a string or Uint8Array',
    )
    expect(producer.metrics()).toMatchObject({ bufferedBytes: 0, waitingCount: 0 })
  })

  test('a topic that does not exist', async () => {
    const producer = newProducer({ maxBlockMs: 300 })
    await expect(producer.send({ topic: 'nowhere' })).rejects.toThrow(/nowhere/)
    await expect(producer.partitionsFor('in:valid')).rejects.toMatchObject({
      kafkaName: 'INVALID_TOPIC_EXCEPTION',
    })
  })
})

describe('bounds', () => {
  test('memory: while the broker is slow, send waits, the buffer keeps its limit, and all is delivered', async () => {
    const topic = await newTopic()
    const bufferMemory = 64 * 1024
    const producer = newProducer<string, Buffer>({ bufferMemory, batchSize: 8 * 1024 })
    for (let count = 0; count < 20; count++) broker.delayNext('Produce', 3)
    let mostBytes = 0
    let mostWaiting = 0
    const watch = (): void => {
      const { bufferedBytes, waitingCount } = producer.metrics()
      mostBytes = Math.max(mostBytes, bufferedBytes)
      mostWaiting = Math.max(mostWaiting, waitingCount)
    }
    const sent = Array.from({ length: 3000 }, async () => {
      watch()
      const { offset } = await producer.send({ topic, value: Buffer.alloc(100) })
      watch()
      return offset
    })
    expect(await Promise.all(sent)).toEqual(sent.map((_, number) => number))
    expect(mostBytes).toBeLessThanOrEqual(bufferMemory)
    expect(mostBytes).toBeGreaterThan(bufferMemory / 2)
    expect(mostWaiting).toBeGreaterThan(1000)
    expect(producer.metrics()).toMatchObject({ bufferedBytes: 0, waitingCount: 0 })
  })

  test('sendFrom takes no more than maxPending ahead, and hands out everything in order', async () => {
    const topic = await newTopic()
    const producer = newProducer({ lingerMs: 0 })
    let taken = 0
    async function* source() {
      for (; taken < 500; ) yield { topic, value: `${taken++}` }
    }
    let handedOut = 0
    for await (const { offset } of producer.sendFrom(source(), { maxPending: 50 })) {
      expect(offset).toBe(handedOut++)
      expect(taken - handedOut).toBeLessThanOrEqual(50)
    }
    expect(handedOut).toBe(500)
  })
})

describe('the end', () => {
  test('flush sends what lingers, and close refuses what comes later', async () => {
    const topic = await newTopic()
    const producer = newProducer({ lingerMs: 60_000 })
    let settled = 0
    for (const record of numbered(topic, 10)) void producer.send(record).then(() => settled++)
    await producer.flush()
    expect(settled).toBe(10)
    const last = producer.send({ topic })
    await producer.close()
    expect((await last).offset).toBe(10)
    await expect(producer.send({ topic })).rejects.toThrow(ClosedError)
    await expect(producer.partitionsFor(topic)).rejects.toThrow(ClosedError)
    await producer.close()
  })

  test('close gives up after its time', async () => {
    const topic = await newTopic()
    const producer = newProducer()
    await producer.send({ topic })
    const fault = broker.delayNext('Produce', 60_000)
    const sent = producer.send({ topic })
    sent.catch(() => undefined)
    await fault.used
    await producer.close({ timeoutMs: 10 })
    await expect(sent).rejects.toThrow(ClosedError)
    expect(producer.metrics()).toMatchObject({ bufferedBytes: 0, failedCount: 1 })
  })

  test('await using closes', async () => {
    const topic = await newTopic()
    {
      await using producer = new Producer<string, string>(client, { lingerMs: 1000 })
      void producer.send({ topic, value: 'v' })
    }
    expect(await valuesIn(topic)).toEqual(['v'])
  })
})

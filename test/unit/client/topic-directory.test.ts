import { describe, expect, test } from 'vitest'
import { ConnectionError } from '../../../src/base/errors.ts'
import { resolveClientLimits } from '../../../src/client/cluster/client-options.ts'
import { ClusterMetadata } from '../../../src/client/cluster/cluster-metadata.ts'
import { TopicDirectory } from '../../../src/client/cluster/topic-directory.ts'
import { ManualClock } from '../../../src/testing/manual-clock.ts'
import { memoryEnv } from '../../../src/testing/memory-env.ts'
import { KafkaError } from '../../../src/wire/kafka-error.ts'
import { type MetadataRequest, metadataResponse } from '../../../src/wire/messages/03-metadata.ts'
import { until } from './fake-broker.ts'
import { clientOf, settle } from './scripted-client.ts'
import { twoBrokers } from './scripted-transport.ts'

const idOf = { orders: 'b3JkZXJzb3JkZXJzb3Jkcw', other: 'b3RoZXJvdGhlcm90aGVybw' }

/** A topic of one partition, as Metadata describes it. */
function described(name: string, more: { epoch?: number; leader?: number; topicId?: string } = {}) {
  const { epoch = 1, leader = 1, topicId = 'dG9waWN0b3BpY3RvcGljdA' } = more
  const partition = { errorCode: 0, partitionIndex: 0, leaderId: leader, leaderEpoch: epoch }
  const partitions = [{ ...partition, replicaNodes: [1, 2], isrNodes: [1] }]
  return { errorCode: 0, name, topicId, isInternal: name.startsWith('__'), partitions }
}

/** A client of a cluster whose topics a test may change at any time, and every question about them. */
function directoryOf(limits = {}) {
  const topics = new Map<string, object>()
  const asked: (string[] | null)[] = []
  const autoCreates: boolean[] = []
  const { client, clock, transport } = clientOf(
    {
      Metadata: (request: MetadataRequest) => {
        asked.push(request.topics?.map(({ name }) => name ?? '') ?? null)
        autoCreates.push(request.allowAutoTopicCreation)
        return { ...twoBrokers(), topics: [...topics.values()] }
      },
    },
    { limits },
  )
  const put = (...given: (ReturnType<typeof described> | { name: string; errorCode: number })[]) => {
    for (const topic of given) topics.set(topic.name, topic)
  }
  return { client, directory: client.topics, clock, transport, topics, put, asked, autoCreates }
}

describe('need', () => {
  test('asks once for what is not known, and tells what a broker said', async () => {
    const { directory, put, asked, autoCreates } = directoryOf()
    put(described('orders', { epoch: 7, topicId: idOf.orders }))
    expect(directory.get('orders')).toBeUndefined()
    expect(directory.current('orders')).toBeUndefined()
    const orders = await directory.need('orders')
    expect(orders).toEqual({
      ...{ name: 'orders', topicId: idOf.orders, isInternal: false },
      partitions: [{ partition: 0, leaderId: 1, leaderEpoch: 7, replicas: [1, 2], isr: [1] }],
    })
    expect(await directory.need('orders')).toBe(orders)
    expect(directory.get('orders')).toBe(orders)
    expect(directory.current('orders')).toBe(orders)
    expect(directory.nameOf(idOf.orders)).toBe('orders')
    expect(directory.nameOf(idOf.other)).toBeUndefined()
    expect(asked).toEqual([['orders']])
    expect(autoCreates).toEqual([false])
  })

  test('of one turn goes into one request, and so does what is asked for while that is under way', async () => {
    const { directory, put, asked } = directoryOf()
    put(described('orders'), described('other'), described('third'))
    const needs = ['orders', 'other', 'orders'].map(async (name) => await directory.need(name))
    await Promise.resolve()
    needs.push(directory.need('third'))
    const names = (await Promise.all(needs)).map(({ name }) => name)
    expect(names).toEqual(['orders', 'other', 'orders', 'third'])
    expect(asked).toEqual([['orders', 'other', 'third']])
  })

  test('waits for the answer to a request that is under way already', async () => {
    const answers: (() => void)[] = []
    const asked: (readonly string[] | null)[] = []
    const ask = async (names: readonly string[] | null): Promise<ClusterMetadata> => {
      asked.push(names)
      await new Promise<void>((answer) => answers.push(answer))
      directory.learn(response.topics)
      return new ClusterMetadata(response)
    }
    const encoded = metadataResponse.at(13).encode({ ...twoBrokers(), topics: [described('orders')] })
    const response = metadataResponse.at(13).decode(encoded)
    const clock = new ManualClock()
    const directory = new TopicDirectory(memoryEnv({ seed: 1, clock }), resolveClientLimits(), ask)
    const first = directory.need('orders')
    await until(() => answers.length === 1)
    const second = directory.need('orders')
    const other = directory.lookUp('other')
    await until(() => answers.length === 2)
    for (const answer of answers) answer()
    expect(await second).toBe(await first)
    await expect(other).rejects.toThrow("does not say anything of topic 'other'")
    expect(asked).toEqual([['orders'], ['other']])
  })

  test('may let a broker make the topic; a plain need beside it does not', async () => {
    const { directory, put, asked, autoCreates } = directoryOf()
    put(described('orders'), described('other'))
    await Promise.all([directory.need('orders', { autoCreate: true }), directory.need('other')])
    expect(asked).toEqual([['orders'], ['other']])
    expect(autoCreates).toEqual([true, false])
  })

  test('waits for a topic that is being made, and for one that no broker knows yet', async () => {
    for (const errorCode of [3, 5]) {
      const { directory, put, asked, clock } = directoryOf()
      put({ name: 'orders', errorCode })
      const need = directory.need('orders')
      for (let count = 0; count < 35; count++) await clock.runFor(10)
      expect(asked.length).toBeGreaterThan(1)
      put(described('orders'))
      expect(await settle(clock, need)).toMatchObject({ name: 'orders' })
    }
  })

  test('gives up when its time is over, and at once where waiting does not help', async () => {
    const { directory, put, asked, clock } = directoryOf()
    const startMs = clock.monotonicMs()
    const error = await settle(clock, directory.need('nowhere', { timeoutMs: 2000 })).catch((e: unknown) => e)
    expect(error).toBeInstanceOf(KafkaError)
    expect(error).toMatchObject({ kafkaName: 'UNKNOWN_TOPIC_OR_PARTITION' })
    expect(String(error)).toContain("topic 'nowhere'")
    expect(clock.monotonicMs() - startMs).toBeLessThanOrEqual(2010)
    expect(asked.length).toBeGreaterThan(3)
    asked.length = 0
    put({ name: 'b/d', errorCode: 17 })
    await expect(directory.need('b/d')).rejects.toThrow("topic 'b/d': INVALID_TOPIC_EXCEPTION")
    expect(asked).toEqual([['b/d']])
  })

  test('is asked of another broker when one is lost', async () => {
    const { directory, put, transport, clock } = directoryOf()
    put(described('orders'))
    transport.down.add('a:1')
    expect(await settle(clock, directory.need('orders'))).toMatchObject({ name: 'orders' })
    expect(transport.log).toEqual(['connect a:1', 'connect b:2', 'Metadata b:2'])
  })

  test('ends by a signal; who waits for the same answer gets it', async () => {
    const { directory, put } = directoryOf()
    put(described('orders'))
    const abort = new AbortController()
    const [given, kept] = [directory.need('orders', { signal: abort.signal }), directory.need('orders')]
    abort.abort(new Error('enough'))
    await expect(given).rejects.toThrow('enough')
    expect(await kept).toMatchObject({ name: 'orders' })
  })
})

describe('what is known', () => {
  test('grows old: then it is asked for again, and others that are in use and old go along', async () => {
    const { directory, put, asked, clock } = directoryOf({ metadataMaxAgeMs: 1000 })
    put(...['orders', 'other', 'unused', 'young'].map((name) => described(name)))
    await Promise.all(['orders', 'other', 'unused'].map(async (name) => await directory.need(name)))
    directory.current('other')
    await clock.runFor(900)
    await directory.need('young')
    await clock.runFor(101)
    expect(directory.current('orders')).toBeUndefined()
    expect(directory.get('orders')).toBeDefined()
    asked.length = 0
    await directory.need('orders')
    expect(asked).toEqual([['orders', 'other']])
    expect(directory.current('other')).toBeDefined()
  })

  test('is asked for again once it is doubted, but no faster than requests are tried again', async () => {
    const { directory, put, asked, clock } = directoryOf({ retryBackoffMs: 100 })
    put(described('orders'), described('other'))
    await Promise.all(['orders', 'other'].map(async (name) => await directory.need(name)))
    await clock.runFor(5000)
    asked.length = 0
    directory.doubt('orders')
    directory.doubt('nobody knows this')
    put(described('orders', { leader: 2, epoch: 2 }))
    expect(directory.get('orders')?.partitions[0]?.leaderId).toBe(1)
    // No time passes: what was told long ago is asked for at once.
    expect((await directory.need('orders')).partitions[0]?.leaderId).toBe(2)
    await directory.need('other')
    expect(asked).toEqual([['orders']])
    directory.doubt('orders')
    const again = directory.need('orders')
    await clock.runFor(99)
    expect(asked).toHaveLength(1)
    await clock.runFor(2)
    await again
    expect(asked).toEqual([['orders'], ['orders']])
  })

  test('is forgotten when the topic is gone', async () => {
    const { directory, put, topics, clock } = directoryOf()
    put(described('orders', { topicId: idOf.orders }))
    await directory.need('orders')
    topics.clear()
    await clock.runFor(1000)
    directory.doubt('orders')
    await settle(
      clock,
      directory.need('orders', { timeoutMs: 1 }).catch(() => undefined),
    )
    expect(directory.get('orders')).toBeUndefined()
    expect(directory.nameOf(idOf.orders)).toBeUndefined()
  })

  test('learns a newer leader from a response, and nothing from an older one', async () => {
    const { directory, put, asked } = directoryOf()
    put(described('orders', { epoch: 5 }))
    const before = await directory.need('orders')
    const leader = () => directory.current('orders')?.partitions[0]
    for (const [partition, leaderId, epoch] of [
      [0, 2, 4],
      [0, 2, 5],
      [0, -1, 6],
      [1, 2, 6],
    ] as const) {
      directory.learnLeader('orders', partition, leaderId, epoch)
      expect(directory.get('orders')).toBe(before)
    }
    directory.learnLeader('other', 0, 2, 9)
    directory.learnLeader('orders', 0, 2, 6)
    expect(leader()).toMatchObject({ leaderId: 2, leaderEpoch: 6 })
    expect(before.partitions[0]).toMatchObject({ leaderId: 1 })
    expect(asked).toHaveLength(1)
  })

  test('keeps a newer leader that a lagging broker has not heard of, unless it is another topic of that name', async () => {
    const { client, directory, put } = directoryOf()
    put(described('orders', { epoch: 5, topicId: idOf.orders }))
    await directory.need('orders')
    put(described('orders', { epoch: 4, leader: 2, topicId: idOf.orders }))
    await client.metadata(['orders'])
    expect(directory.get('orders')?.partitions[0]).toMatchObject({ leaderId: 1, leaderEpoch: 5 })
    // Where no epochs are told, the last word counts.
    put(described('orders', { epoch: -1, leader: 2, topicId: idOf.orders }))
    await client.metadata(['orders'])
    expect(directory.get('orders')?.partitions[0]).toMatchObject({ leaderId: 2, leaderEpoch: -1 })
    directory.learnLeader('orders', 0, 1, 9)
    put(described('orders', { epoch: 0, leader: 2, topicId: idOf.other }))
    await client.metadata(['orders'])
    expect(directory.get('orders')?.partitions[0]).toMatchObject({ leaderId: 2, leaderEpoch: 0 })
    expect(directory.nameOf(idOf.orders)).toBeUndefined()
    expect(directory.nameOf(idOf.other)).toBe('orders')
  })

  test('a partition that nobody leads is no error', async () => {
    const { directory, put } = directoryOf()
    put(described('orders', { leader: -1 }))
    expect((await directory.need('orders')).partitions).toMatchObject([{ leaderId: -1 }])
  })
})

describe('all topics', () => {
  test('are asked for each time; patterns leave internal ones out', async () => {
    const { directory, put, asked } = directoryOf()
    put(described('orders-a'), described('orders-b'), described('__consumer_offsets'), {
      ...{ name: 'orders-secret', errorCode: 29 },
    })
    const names = async (pattern: RegExp) => (await directory.match(pattern)).map(({ name }) => name)
    const sticky = /orders/g
    expect(await names(sticky)).toEqual(['orders-a', 'orders-b'])
    put(described('my-orders'))
    expect(await names(sticky)).toEqual(['orders-a', 'orders-b', 'my-orders'])
    expect(await names(/^orders-/)).toEqual(['orders-a', 'orders-b'])
    expect(await names(/.*/)).not.toContain('__consumer_offsets')
    expect((await directory.all()).map(({ name }) => name)).toContain('__consumer_offsets')
    expect(asked.every((topics) => topics === null)).toBe(true)
    // What was told needs not be asked for.
    await directory.need('orders-a')
    expect(asked.at(-1)).toBeNull()
  })

  test('are asked for again when nobody answers', async () => {
    const { directory, put, transport, clock } = directoryOf({ apiTimeoutMs: 3000 })
    put(described('orders'))
    for (const address of ['a:1', 'b:2']) transport.down.add(address)
    const lost = directory.all().catch((error: unknown) => error)
    expect(await settle(clock, lost)).toBeInstanceOf(ConnectionError)
    transport.down.clear()
    expect(await settle(clock, directory.all())).toMatchObject([{ name: 'orders' }])
  })
})

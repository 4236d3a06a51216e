import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { administering } from './administering.ts'
import { consuming } from './consuming.ts'
import { ending } from './ending.ts'
import { grouping } from './grouping.ts'
import { producing } from './producing.ts'
import { type Backend, take, World } from './world.ts'

/**
 * What holds for every cluster, whatever runs it: the tests are the same for a data directory of this process, for memory, for a
 * server, and for Apache Kafka.
 */
export function contract(backend: Backend): void {
  describe(backend.name, () => {
    const world = shared(backend)

    test('is used in ten lines', async () => {
      const topic = world().name('orders')
      await using tm = await world().open()
      await tm.admin().createTopics([{ name: topic, partitions: 4, config: { 'retention.ms': 3_600_000 } }])
      const producer = tm.producer({ acks: 'all', lingerMs: 5 })
      const sent = await producer.send({ topic, key: 'k', value: 'v', headers: { h: 'x' } })
      const groupId = world().name('billing')
      const consumer = tm.consumer({ groupId, topics: [topic], autoOffsetReset: 'earliest' })
      for await (const record of consumer) {
        expect(record).toMatchObject(sent)
        expect([record.key, record.value, record.headers['h']].map(String)).toEqual(['k', 'v', 'x'])
        await consumer.commit()
        break
      }
      const committed = await tm.admin().listGroupOffsets(groupId)
      expect(committed).toContainEqual(
        expect.objectContaining({ topic, partition: sent.partition, offset: sent.offset + 1 }),
      )
    })

    describe('producing', () => producing(world))
    describe('consuming', () => consuming(world))
    describe('groups', () => grouping(world))
    describe('administering', () => administering(world))
    describe('ending', () => ending(world))
  })

  describe(`${backend.name}, which makes topics by itself`, () => {
    const world = shared(backend, { 'auto.create.topics.enable': true, 'num.partitions': 3 })

    test('a topic is there once something is sent to it', async () => {
      const topic = world().name('new')
      await using producer = world().producer()
      await producer.send({ topic, partition: 2, value: 'v' })
      await using consumer = world().consumer({ assignment: [{ topic, partition: 2, offset: 0 }] })
      expect((await take(consumer, 1))[0]?.value?.toString()).toBe('v')
      expect(await producer.partitionsFor(topic)).toHaveLength(3)
    })
  })
}

function shared(backend: Backend, config = {}): () => World {
  let world: World | undefined
  beforeAll(async () => {
    world = await World.start(backend, config)
  })
  afterAll(async () => {
    await world?.[Symbol.asyncDispose]()
  })
  return () => {
    if (world === undefined) throw new Error('the cluster has not been started')
    return world
  }
}

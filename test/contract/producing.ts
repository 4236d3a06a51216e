import * as zlib from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { RecordTooLargeError } from '../../src/base/errors.ts'
import type { CompressionName } from '../../src/batch/compression.ts'
import { KafkaError } from '../../src/wire/kafka-error.ts'
import { take, texts, values, type World } from './world.ts'

/** What a producer promises. */
export function producing(world: () => World): void {
  describe('a record', () => {
    test('comes back as it was sent', async () => {
      const topic = await world().topic()
      await using producer = world().producer()
      const records = [
        { key: 'k', value: 'v', headers: { h: 'x', empty: '', none: null }, timestamp: 1_700_000_000_123 },
        { key: null, value: Buffer.from([0, 255, 128]), timestamp: 1_700_000_000_000 },
        { key: Buffer.alloc(0), value: null },
        { key: 'ключ 🔑', value: '', headers: [['h', '1'] as const, ['h', '2'] as const] },
      ]
      for (const record of records) await producer.send({ topic, ...record })

      await using consumer = world().consumer({ assignment: [{ topic, partition: 0, offset: 0 }] })
      const [first, second, third, fourth] = await take(consumer, 4)
      expect(first).toMatchObject({ topic, partition: 0, offset: 0, timestamp: 1_700_000_000_123 })
      expect(first?.timestampType).toBe('CreateTime')
      expect(first?.key).toEqual(Buffer.from('k'))
      expect(first?.value).toEqual(Buffer.from('v'))
      expect(first?.headers).toEqual({ h: Buffer.from('x'), empty: Buffer.alloc(0), none: null })
      expect(second?.key).toBeNull()
      expect(second?.value).toEqual(Buffer.from([0, 255, 128]))
      expect(third?.key).toEqual(Buffer.alloc(0))
      expect(third?.value).toBeNull()
      expect(fourth?.key?.toString()).toBe('ключ 🔑')
      expect(fourth?.value).toEqual(Buffer.alloc(0))
      expect(fourth?.headerList.map(({ key, value }) => [key, value?.toString()])).toEqual([
        ['h', '1'],
        ['h', '2'],
      ])
    })

    test('is said to be where it is', async () => {
      const topic = await world().topic(3)
      await using producer = world().producer()
      const sent = { topic, value: 'v', timestamp: 1_700_000_000_000 }
      expect(await producer.send({ ...sent, partition: 2 })).toEqual({
        ...{ topic, partition: 2, offset: 0, timestamp: 1_700_000_000_000 },
      })
      expect(await producer.send({ ...sent, partition: 2 })).toMatchObject({ partition: 2, offset: 1 })
      expect(await producer.send({ ...sent, partition: 1 })).toMatchObject({ partition: 1, offset: 0 })
    })

    test('has the time of its append where the topic says so', async () => {
      const topic = await world().topic(1, { 'message.timestamp.type': 'LogAppendTime' })
      await using producer = world().producer()
      const { timestamp } = await producer.send({ topic, value: 'v', timestamp: 1000 })
      expect(timestamp).toBeGreaterThan(1_700_000_000_000)
      await using consumer = world().consumer({ assignment: [{ topic, partition: 0, offset: 0 }] })
      const [record] = await take(consumer, 1)
      expect(record).toMatchObject({ timestamp, timestampType: 'LogAppendTime' })
    })

    test('goes where its key goes', async () => {
      const topic = await world().topic(5)
      await using producer = world().producer()
      // By murmur2 as in the Java client: the partitions are those that it chooses.
      const chosen = []
      for (const key of ['a', 'b', 'c', 'a', 'b', 'c'])
        chosen.push((await producer.send({ topic, key, value: 'v' })).partition)
      expect(chosen.slice(0, 3)).toEqual(chosen.slice(3))
      expect(chosen.slice(0, 3)).toEqual(keysOverFive)
    })
  })

  describe('records of one partition', () => {
    test('keep the order in which they were sent', async () => {
      const topic = await world().topic()
      await using producer = world().producer({ batchSize: 200 })
      const sent = await Promise.all(values(500).map((value) => producer.send({ topic, value })))
      expect(sent.map(({ offset }) => offset)).toEqual(sent.map((_, index) => index))
      await using consumer = world().consumer({ assignment: [{ topic, partition: 0, offset: 0 }] })
      expect(texts(await take(consumer, 500))).toEqual(values(500))
    })

    test('are acknowledged as asked', async () => {
      const topic = await world().topic()
      for (const [acks, offset] of [
        [0, -1],
        [1, 1],
        ['all', 2],
      ] as const) {
        await using producer = world().producer({ acks })
        expect((await producer.send({ topic, value: `acks ${acks}` })).offset).toBe(offset)
      }
      await using consumer = world().consumer({ assignment: [{ topic, partition: 0, offset: 0 }] })
      expect(texts(await take(consumer, 3))).toEqual(['acks 0', 'acks 1', 'acks all'])
    })

    test('are sent all at once, or as they come', async () => {
      const topic = await world().topic()
      await using producer = world().producer()
      const all = await producer.sendAll(values(3).map((value) => ({ topic, value })))
      expect(all.map(({ offset }) => offset)).toEqual([0, 1, 2])
      async function* records() {
        for (const value of values(50, 'w')) yield { topic, value }
      }
      const offsets: number[] = []
      for await (const { offset } of producer.sendFrom(records(), { maxPending: 7 })) offsets.push(offset)
      expect(offsets).toEqual(Array.from({ length: 50 }, (_, index) => index + 3))
    })

    test('carry the number of an idempotent producer', async () => {
      const topic = await world().topic()
      await using producer = world().producer()
      await producer.send({ topic, value: 'v' })
      const [described] = await world()
        .tidemark.admin()
        .describeProducers([{ topic, partition: 0 }])
      expect(described?.producers).toMatchObject([{ producerEpoch: 0, lastSequence: 0 }])
    })
  })

  const codecs: CompressionName[] = ['none', 'gzip', 'snappy', 'lz4']
  // What this runtime cannot write it refuses, which is tested elsewhere.
  if ('zstdCompressSync' in zlib) codecs.push('zstd')
  test.each(codecs)('compression %s', async (compression) => {
    const topic = await world().topic()
    await using producer = world().producer({ compression })
    const value = 'ebb and flow '.repeat(100)
    await Promise.all(values(20).map((key) => producer.send({ topic, key, value })))
    await using consumer = world().consumer({ assignment: [{ topic, partition: 0, offset: 0 }] })
    const records = await take(consumer, 20)
    expect(records.map(({ key }) => key?.toString())).toEqual(values(20))
    expect(new Set(texts(records))).toEqual(new Set([value]))
  })

  describe('what cannot be sent', () => {
    test('because it is too large, for the producer or for the topic', async () => {
      const topic = await world().topic(1, { 'max.message.bytes': 2000 })
      await using producer = world().producer()
      const tooLarge = producer.send({ topic, value: Buffer.alloc(5000) })
      await expect(tooLarge).rejects.toThrow(expect.toSatisfy(isTooLarge))
      await expect(producer.send({ topic, value: Buffer.alloc(2_000_000) })).rejects.toThrow(
        RecordTooLargeError,
      )
      expect((await producer.send({ topic, value: 'small' })).offset).toBe(0)
    })

    test('because there is no such topic', async () => {
      await using producer = world().producer({ maxBlockMs: 300 })
      const send = producer.send({ topic: world().name('missing'), value: 'v' })
      await expect(send).rejects.toThrow(/missing-/)
      await expect(producer.send({ topic: 'no/topic', value: 'v' })).rejects.toThrow(/no\/topic/)
    })

    test('because there is no such partition', async () => {
      const topic = await world().topic(2)
      await using producer = world().producer({ maxBlockMs: 300 })
      await expect(producer.send({ topic, partition: 2, value: 'v' })).rejects.toThrow(/2/)
      await expect(producer.send({ topic, partition: -1, value: 'v' })).rejects.toThrow(/-1/)
    })

    test('because it was given up before', async () => {
      const topic = await world().topic()
      await using producer = world().producer()
      const signal = AbortSignal.abort(new Error('enough'))
      await expect(producer.send({ topic, value: 'v' }, { signal })).rejects.toThrow('enough')
      expect((await producer.send({ topic, value: 'v' })).offset).toBe(0)
    })
  })
}

/** Where the Java client's default partitioner puts the keys a, b and c among 5 partitions. */
const keysOverFive = [4, 1, 4]

function isTooLarge(error: unknown): boolean {
  return (
    error instanceof RecordTooLargeError ||
    (error instanceof KafkaError && error.kafkaName === 'MESSAGE_TOO_LARGE')
  )
}

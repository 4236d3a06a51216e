import { beforeAll, describe, expect, test } from 'vitest'
import { NoPositionError } from '../../src/base/errors.ts'
import { take, texts, values, type World } from './world.ts'

const startMs = 1_700_000_000_000

/** What a consumer promises that has its partitions from the application. */
export function consuming(world: () => World): void {
  describe('a consumer of one partition', () => {
    /** Ten records of one batch each, a second apart, then ten of one batch. */
    let topic: string
    const at = (offset?: number) => ({ topic, partition: 0, ...(offset === undefined ? {} : { offset }) })

    beforeAll(async () => {
      topic = await world().topic()
      await using producer = world().producer({ lingerMs: 0 })
      const record = (value: string, index: number) => ({ topic, value, timestamp: startMs + 1000 * index })
      for (const [index, value] of values(10).entries()) await producer.send(record(value, index))
      await producer.sendAll(
        values(20)
          .slice(10)
          .map((value, index) => record(value, index + 10)),
      )
    })

    test('begins where it is told, also within a batch', async () => {
      for (const offset of [0, 3, 15, 19]) {
        await using consumer = world().consumer({ assignment: [at(offset)] })
        expect(texts(await take(consumer, 20 - offset))).toEqual(values(20).slice(offset))
      }
    })

    test('begins at the first record, or behind the last', async () => {
      const other = await world().topic()
      await using producer = world().producer()
      await producer.send({ topic: other, value: 'before' })
      const assignment = [{ topic: other, partition: 0 }]
      await using earliest = world().consumer({ assignment, autoOffsetReset: 'earliest' })
      expect(texts(await take(earliest, 1))).toEqual(['before'])
      await using latest = world().consumer({ assignment, autoOffsetReset: 'latest' })
      // Where it begins is decided now, and not when it is first read from.
      expect(await latest.position({ topic: other, partition: 0 })).toBe(1)
      await producer.send({ topic: other, value: 'after' })
      expect(texts(await take(latest, 1))).toEqual(['after'])
    })

    test('refuses to guess where to begin', async () => {
      await using consumer = world().consumer({ assignment: [at()], autoOffsetReset: 'none' })
      await expect(take(consumer, 1)).rejects.toThrow(NoPositionError)
    })

    test('begins anew where its offset is out of range', async () => {
      await using consumer = world().consumer({ assignment: [at(1000)], autoOffsetReset: 'earliest' })
      expect(texts(await take(consumer, 1))).toEqual(['v0'])
      await using strict = world().consumer({ assignment: [at(1000)], autoOffsetReset: 'none' })
      await expect(take(strict, 1)).rejects.toThrow(NoPositionError)
    })

    test('goes where it is sent', async () => {
      // A fetch that is under way waits so long for more.
      await using consumer = world().consumer({ assignment: [at(5)], fetchMaxWaitMs: 50 })
      expect(texts(await take(consumer, 2))).toEqual(['v5', 'v6'])
      consumer.seek(at(), 'beginning')
      expect(texts(await take(consumer, 1))).toEqual(['v0'])
      consumer.seek(at(), { timestamp: startMs + 11_500 })
      expect(texts(await take(consumer, 1))).toEqual(['v12'])
      consumer.seek(at(), 17)
      expect(texts(await take(consumer, 3))).toEqual(['v17', 'v18', 'v19'])
      consumer.seek(at(), 'end')
      expect(await consumer.position(at())).toBe(20)
    })

    test('knows where it is and what is left', async () => {
      await using consumer = world().consumer({ assignment: [at(0)] })
      await take(consumer, 4)
      expect(await consumer.position(at())).toBe(4)
      expect(consumer.lag(at())).toBe(16)
      expect(await consumer.beginningOffsets([at()])).toMatchObject([{ offset: 0 }])
      expect(await consumer.endOffsets([at()])).toMatchObject([{ offset: 20 }])
      const found = await consumer.offsetsForTimes([{ ...at(), timestamp: startMs + 8001 }])
      expect(found).toMatchObject([{ offset: 9, timestamp: startMs + 9000 }])
    })

    test('takes batches as well', async () => {
      await using consumer = world().consumer({ assignment: [at(0)] })
      const seen: string[] = []
      for await (const batch of consumer.batches()) {
        expect(batch).toMatchObject({ topic, partition: 0, highWatermark: 20 })
        expect(batch.records.at(-1)?.offset).toBe(batch.lastOffset)
        seen.push(...texts(batch.records))
        if (batch.lastOffset === 19) break
      }
      expect(seen).toEqual(values(20))
    })

    test('gives up waiting for what does not come', async () => {
      await using consumer = world().consumer({ assignment: [at(20)], fetchMaxWaitMs: 50 })
      const signal = AbortSignal.timeout(50)
      const waiting = async () => {
        for await (const record of consumer.records({ signal })) throw new Error(`got ${record.offset}`)
      }
      await expect(waiting()).rejects.toThrow(/timeout/)
      consumer.seek(at(), 19)
      expect(texts(await take(consumer, 1))).toEqual(['v19'])
    })
  })

  test('a paused partition gives nothing until it is resumed', async () => {
    const topic = await world().topic(2)
    await using producer = world().producer()
    for (const partition of [0, 1]) await producer.send({ topic, partition, value: `p${partition}` })
    const partitions = [0, 1].map((partition) => ({ topic, partition }))
    const options = { assignment: partitions, autoOffsetReset: 'earliest', fetchMaxWaitMs: 50 } as const
    await using consumer = world().consumer(options)
    consumer.pause([{ topic, partition: 0 }])
    expect(consumer.paused()).toEqual([{ topic, partition: 0 }])
    expect(texts(await take(consumer, 1))).toEqual(['p1'])
    await producer.send({ topic, partition: 1, value: 'more' })
    expect(texts(await take(consumer, 1))).toEqual(['more'])
    consumer.resume([{ topic, partition: 0 }])
    expect(texts(await take(consumer, 1))).toEqual(['p0'])
  })

  test('a topic may come later than its consumer', async () => {
    const name = world().name('later')
    await using consumer = world().consumer({ assignment: [{ topic: name, partition: 0, offset: 0 }] })
    const waiting = take(consumer, 1)
    await world()
      .tidemark.admin()
      .createTopics([{ name, partitions: 1 }])
    await using producer = world().producer()
    await producer.send({ topic: name, value: 'v' })
    expect(texts(await waiting)).toEqual(['v'])
  })

  test('all partitions are read', async () => {
    const topic = await world().topic(6)
    await using producer = world().producer()
    await producer.sendAll(values(60).map((value, index) => ({ topic, partition: index % 6, value })))
    const assignment = Array.from({ length: 6 }, (_, partition) => ({ topic, partition, offset: 0 }))
    await using consumer = world().consumer({ assignment })
    const records = await take(consumer, 60)
    expect(texts(records).toSorted()).toEqual(values(60).toSorted())
    for (const { partition } of assignment) {
      const offsets = records.filter((record) => record.partition === partition).map(({ offset }) => offset)
      expect(offsets).toEqual(Array.from({ length: 10 }, (_, index) => index))
    }
  })

  test('values are read as they are wanted', async () => {
    const topic = await world().topic()
    await using producer = world().producer<number, object>({ key: 'int32', value: 'json' })
    await producer.send({ topic, key: 7, value: { amount: 3 } })
    await using consumer = world().consumer<number, object>({
      ...{ assignment: [{ topic, partition: 0, offset: 0 }], key: 'int32', value: 'json' },
    })
    const [record] = await take(consumer, 1)
    expect(record?.key).toBe(7)
    expect(record?.value).toEqual({ amount: 3 })
  })
}

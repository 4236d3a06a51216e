import { describe, expect, test } from 'vitest'
import type { Consumer } from '../../src/client/consumer/consumer.ts'
import { eventually, take, texts, values, type World } from './world.ts'

/** What the consumers of a group promise. */
export function grouping(world: () => World): void {
  async function topicWith(partitions: number, count: number): Promise<string> {
    const topic = await world().topic(partitions)
    await using producer = world().producer()
    await producer.sendAll(
      values(count).map((value, index) => ({ topic, partition: index % partitions, value })),
    )
    return topic
  }

  test('each group reads all', async () => {
    const topic = await topicWith(3, 30)
    const groups = Array.from({ length: 5 }, () => world().name('group'))
    const read = groups.map(async (groupId) => {
      await using consumer = world().consumer({ groupId, topics: [topic], autoOffsetReset: 'earliest' })
      return texts(await take(consumer, 30)).toSorted()
    })
    for (const each of await Promise.all(read)) expect(each).toEqual(values(30).toSorted())
  })

  test('several producers and groups at once keep each key in order', async () => {
    const topic = await world().topic(3)
    const keys = values(4, 'key')
    const producing = keys.map(async (key) => {
      await using producer = world().producer({ batchSize: 300 })
      await producer.sendAll(values(100).map((value) => ({ topic, key, value })))
    })
    const consuming = [1, 2].map(async () => {
      const options = {
        groupId: world().name('group'),
        topics: [topic],
        autoOffsetReset: 'earliest',
      } as const
      await using consumer = world().consumer(options)
      return await take(consumer, 400)
    })
    await Promise.all(producing)
    for (const records of await Promise.all(consuming))
      for (const key of keys)
        expect(texts(records.filter((record) => String(record.key) === key))).toEqual(values(100))
  })

  test('two members share the work, and one takes over when the other leaves', async () => {
    const topic = await topicWith(4, 0)
    const options = {
      ...{ groupId: world().name('group'), topics: [topic], autoOffsetReset: 'earliest' as const },
      // How soon a member hears of the other.
      heartbeatIntervalMs: 50,
    }
    await using producer = world().producer()
    await using first = world().consumer(options)
    const second = world().consumer(options)
    const seen: string[][] = [[], []]
    const reading = [first, second].map(async (consumer, index) => {
      for await (const { value } of consumer) seen[index]?.push(String(value))
    })
    await eventually(() => expect(sizes(first, second)).toEqual([2, 2]))
    await producer.sendAll(values(40).map((value, index) => ({ topic, partition: index % 4, value })))
    await eventually(() => expect(seen.flat()).toHaveLength(40))
    expect(seen.map(({ length }) => length)).toEqual([20, 20])

    await second.close()
    await reading[1]
    await eventually(() => expect(sizes(first)).toEqual([4]))
    await producer.sendAll(values(8, 'w').map((value, index) => ({ topic, partition: index % 4, value })))
    await eventually(() => expect(seen[0]).toHaveLength(28))
    await first.close()
    await reading[0]
    // Nothing was lost and nothing came twice.
    expect(seen.flat().toSorted()).toEqual([...values(40), ...values(8, 'w')].toSorted())
  })

  describe('a member', () => {
    test('goes on behind what it has committed', async () => {
      const topic = await topicWith(1, 10)
      const options = {
        ...{ groupId: world().name('group'), topics: [topic] },
        ...{ autoOffsetReset: 'earliest' as const, autoCommit: false },
      }
      {
        await using consumer = world().consumer(options)
        for await (const { offset } of consumer) {
          if (offset === 3) await consumer.commit()
          if (offset === 6) break
        }
        const [committed] = await consumer.committed([{ topic, partition: 0 }])
        expect(committed).toMatchObject({ offset: 4 })
      }
      {
        await using consumer = world().consumer(options)
        expect(texts(await take(consumer, 1))).toEqual(['v4'])
        await consumer.commit([{ topic, partition: 0, offset: 8 }])
      }
      await using consumer = world().consumer(options)
      expect(texts(await take(consumer, 2))).toEqual(['v8', 'v9'])
    })

    test('commits by itself what is done, and not the record in hand', async () => {
      const topic = await topicWith(1, 10)
      const options = {
        groupId: world().name('group'),
        topics: [topic],
        autoOffsetReset: 'earliest',
      } as const
      {
        await using consumer = world().consumer(options)
        for await (const { offset } of consumer) if (offset === 4) break
      }
      const offsets = await world().tidemark.admin().listGroupOffsets(options.groupId)
      expect(offsets).toMatchObject([{ topic, partition: 0, offset: 4 }])
      await using consumer = world().consumer(options)
      expect(texts(await take(consumer, 6))).toEqual(values(10).slice(4))
    })

    test('takes back nothing that was committed on demand', async () => {
      const topic = await topicWith(1, 10)
      const options = {
        groupId: world().name('group'),
        topics: [topic],
        autoOffsetReset: 'earliest',
      } as const
      {
        await using consumer = world().consumer(options)
        for await (const _ of consumer) {
          await consumer.commit()
          break
        }
      }
      await using consumer = world().consumer(options)
      expect(texts(await take(consumer, 1))).toEqual(['v1'])
    })

    test('follows all topics that a pattern matches', async () => {
      const prefix = world().name('pattern')
      const admin = world().tidemark.admin()
      await admin.createTopics([
        { name: `${prefix}.a`, partitions: 1 },
        { name: `${prefix}.b`, partitions: 1 },
      ])
      await using producer = world().producer()
      for (const suffix of ['a', 'b']) await producer.send({ topic: `${prefix}.${suffix}`, value: suffix })
      await using consumer = world().consumer({
        ...{
          groupId: world().name('group'),
          topics: new RegExp(`^${prefix}\\.`),
          autoOffsetReset: 'earliest',
        },
      })
      expect(texts(await take(consumer, 2)).toSorted()).toEqual(['a', 'b'])
    })

    test('is told what it is given and what is taken', async () => {
      const topic = await topicWith(2, 2)
      const events: string[] = []
      const note = (event: string) => (partitions: readonly { readonly partition: number }[]) => {
        events.push(
          `${event} ${partitions
            .map(({ partition }) => partition)
            .toSorted((a, b) => a - b)
            .join()}`,
        )
      }
      const consumer = world().consumer({
        ...{ groupId: world().name('group'), topics: [topic], autoOffsetReset: 'earliest' },
        ...{ onAssigned: note('assigned'), onRevoked: note('revoked') },
      })
      await take(consumer, 2)
      await consumer.close()
      expect(events).toEqual(['assigned 0,1', 'revoked 0,1'])
    })
  })
}

function sizes(...consumers: readonly Consumer[]): number[] {
  return consumers.map((consumer) => consumer.assignment().length)
}

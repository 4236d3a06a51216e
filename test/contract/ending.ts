import { describe, expect, test } from 'vitest'
import { ClosedError } from '../../src/base/errors.ts'
import { take, texts, values, type World } from './world.ts'

/** How things end: in order, whole, and once. */
export function ending(world: () => World): void {
  describe('closing all', () => {
    test('sends what was to be sent, and lets nobody wait', async () => {
      const topic = await world().topic()
      const tidemark = await world().open()
      const consumer = tidemark.consumer({ assignment: [{ topic, partition: 0, offset: 300 }] })
      const waiting = take(consumer, 1)
      const producer = tidemark.producer({ lingerMs: 60_000 })
      const sends = values(300).map((value) => producer.send({ topic, value }))
      await tidemark.close()
      const sent = await Promise.all(sends)
      expect(sent.map(({ offset }) => offset)).toEqual(sent.map((_, index) => index))
      expect(await waiting).toEqual([])

      await using other = world().consumer({ assignment: [{ topic, partition: 0, offset: 0 }] })
      expect(texts(await take(other, 300))).toEqual(values(300))
    })

    test('leaves the groups', async () => {
      const topic = await world().topic()
      const groupId = world().name('group')
      await using producer = world().producer()
      await producer.send({ topic, value: 'v' })
      const tidemark = await world().open()
      await take(tidemark.consumer({ groupId, topics: [topic], autoOffsetReset: 'earliest' }), 1)
      await tidemark.close()
      const [group] = await world().tidemark.admin().describeGroups([groupId])
      expect(group).toMatchObject({ state: 'Empty', members: [] })
    })

    test('is done once, and refuses what comes after', async () => {
      const topic = await world().topic()
      const tidemark = await world().open()
      const producer = tidemark.producer()
      const admin = tidemark.admin()
      await Promise.all([tidemark.close(), tidemark.close()])
      await tidemark.close()
      expect(() => tidemark.producer()).toThrow(ClosedError)
      expect(() => tidemark.consumer({ topics: [topic], groupId: 'g' })).toThrow(ClosedError)
      expect(() => tidemark.admin()).toThrow(ClosedError)
      await expect(producer.send({ topic, value: 'v' })).rejects.toThrow(ClosedError)
      await expect(admin.listTopics()).rejects.toThrow(ClosedError)
    })
  })

  describe('a loop', () => {
    test('ends when its consumer is closed from within', async () => {
      const topic = await world().topic()
      await using producer = world().producer()
      await producer.sendAll(values(5).map((value) => ({ topic, value })))
      const groupId = world().name('group')
      const consumer = world().consumer({ groupId, topics: [topic], autoOffsetReset: 'earliest' })
      const seen: number[] = []
      for await (const { offset } of consumer) {
        seen.push(offset)
        if (offset === 2) await consumer.close()
      }
      expect(seen).toEqual([0, 1, 2])
    })

    test('may be left by an error, and taken up again', async () => {
      const topic = await world().topic()
      await using producer = world().producer()
      await producer.sendAll(values(5).map((value) => ({ topic, value })))
      await using consumer = world().consumer({ assignment: [{ topic, partition: 0, offset: 0 }] })
      const failing = async () => {
        for await (const { offset } of consumer) if (offset === 1) throw new Error('mine')
      }
      await expect(failing()).rejects.toThrow('mine')
      expect(texts(await take(consumer, 3))).toEqual(['v2', 'v3', 'v4'])
    })
  })
}

import { describe, expect, test } from 'vitest'
import type { ConsumedRecord } from '../../../../src/client/consumer/consumed-record.ts'
import type { Consumer } from '../../../../src/client/consumer/consumer.ts'
import type { TopicPartition } from '../../../../src/client/cluster/cluster-metadata.ts'
import { type RebalanceEvent, rebalanceChannel } from '../../../../src/client/group/rebalance-channel.ts'
import { ConsumerRig, numbers, partitionsOf, take, texts, until } from './rig.ts'

const group = {
  groupId: 'billing',
  autoOffsetReset: 'earliest',
  topics: ['orders'],
  heartbeatIntervalMs: 20,
} as const
const orders = { name: 'orders', partitions: 4 }
const all = partitionsOf('orders', 4)

/** Consumes until the consumer is closed; `seen` grows meanwhile. */
async function consumeInto(seen: ConsumedRecord[], consumer: Consumer): Promise<void> {
  for await (const record of consumer) seen.push(record)
}

async function fill(rig: ConsumerRig, perPartition: number): Promise<void> {
  for (const { partition } of all)
    await rig.produce('orders', numbers(perPartition, partition * perPartition), { partition })
}

async function committedOffsets(consumer: Consumer): Promise<number[]> {
  return (await consumer.committed(all)).map(({ offset }) => offset)
}

describe('a member of a group', () => {
  test('reads all partitions, and what it was done with is committed when it closes', async () => {
    await using rig = await ConsumerRig.start({ topics: [orders] })
    await fill(rig, 10)
    const first = rig.consumer(group)
    expect(texts(await take(first, 40)).toSorted()).toEqual(numbers(40).toSorted())
    expect(first.assignment()).toHaveLength(4)
    expect(first.groupMetadata()).toMatchObject({ groupId: 'billing', groupInstanceId: null })
    await first.close()
    // The last record was in hand when the loop was left: it comes again.
    const second = rig.consumer(group)
    expect((await committedOffsets(second)).toSorted((a, b) => a - b)).toEqual([9, 10, 10, 10])
    expect(await take(second, 1)).toHaveLength(1)
  })

  test('commits on demand what was handed out, the record in hand included', async () => {
    await using rig = await ConsumerRig.start({ topics: [orders] })
    await rig.produce('orders', numbers(10))
    const consumer = rig.consumer({ ...group, autoCommit: false })
    for await (const { offset } of consumer) {
      await consumer.commit()
      const [committed] = await consumer.committed(all)
      expect(committed?.offset).toBe(offset + 1)
      if (offset === 3) break
    }
    await consumer.commit([{ topic: 'orders', partition: 0, offset: 2, metadata: 'note' }])
    expect((await consumer.committed(all))[0]).toMatchObject({ offset: 2, metadata: 'note' })
    await consumer.close()
    expect(texts(await take(rig.consumer(group), 1))).toEqual(['2'])
  })

  test('commits what is done by itself, now and then', async () => {
    await using rig = await ConsumerRig.start({ topics: [orders] })
    await rig.produce('orders', numbers(10))
    const consumer = rig.consumer({ ...group, autoCommitIntervalMs: 5 })
    const other = rig.consumer({ groupId: 'billing' })
    for await (const { offset } of consumer) {
      if (offset !== 5) continue
      let committed = -1
      while (committed < 5) committed = (await committedOffsets(other))[0] ?? -1
      // Record 5 is in hand.
      expect(committed).toBe(5)
      break
    }
  })

  test('whose loop throws gets the record again after a restart', async () => {
    await using rig = await ConsumerRig.start({ topics: [orders] })
    await rig.produce('orders', numbers(5))
    const consumer = rig.consumer(group)
    const consuming = async (): Promise<void> => {
      for await (const { offset } of consumer) if (offset === 2) throw new Error('no')
    }
    await expect(consuming()).rejects.toThrow('no')
    await consumer.close()
    expect(texts(await take(rig.consumer(group), 1))).toEqual(['2'])
  })

  test('whose loop is stopped by a signal is done with the record for which it came back', async () => {
    await using rig = await ConsumerRig.start({ topics: [orders] })
    await rig.produce('orders', numbers(3))
    const consumer = rig.consumer(group)
    const stop = new AbortController()
    const loop = (async () => {
      for await (const _ of consumer.records({ signal: stop.signal })) stop.abort(new Error('enough'))
    })()
    await expect(loop).rejects.toThrow('enough')
    await consumer.close()
    expect(texts(await take(rig.consumer(group), 1))).toEqual(['1'])
  })

  test('may be closed within its loop: the record in hand is not done', async () => {
    await using rig = await ConsumerRig.start({ topics: [orders] })
    await rig.produce('orders', numbers(5))
    const consumer = rig.consumer(group)
    let count = 0
    for await (const _ of consumer) if (++count === 3) await consumer.close()
    expect(count).toBe(3)
    expect((await committedOffsets(rig.consumer({ groupId: 'billing' })))[0]).toBe(2)
  })

  test('seeks made when partitions come take effect before anything is fetched', async () => {
    await using rig = await ConsumerRig.start({ topics: [orders] })
    await fill(rig, 10)
    const consumer: Consumer = rig.consumer({
      ...group,
      onAssigned: async (partitions) => {
        for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve))
        for (const each of partitions) consumer.seek(each, 9)
      },
    })
    expect(texts(await take(consumer, 4)).toSorted()).toEqual(['19', '29', '39', '9'])
  })

  test('an error of a listener is heard in the loop, once', async () => {
    await using rig = await ConsumerRig.start({ topics: [orders] })
    await fill(rig, 1)
    const onAssigned = (): never => {
      throw new Error('not today')
    }
    const consumer = rig.consumer({ ...group, onAssigned })
    await expect(take(consumer, 1)).rejects.toThrow('not today')
    expect(await take(consumer, 4)).toHaveLength(4)
  })

  test('follows topics that match an expression, those to come too', async () => {
    await using rig = await ConsumerRig.start({ topics: ['log-a', 'other'] })
    rig.client.topics.doubt('log-a')
    const consumer = rig.consumer({ groupId: 'all-logs', topics: /^log-/, autoOffsetReset: 'earliest' })
    await rig.produce('log-a', ['a'])
    await rig.produce('other', ['x'])
    expect(texts(await take(consumer, 1))).toEqual(['a'])
    expect(consumer.assignment()).toEqual([{ topic: 'log-a', partition: 0 }])
    await rig.cluster.createTopic('log-b')
    await rig.produce('log-b', ['b'])
    consumer.subscribe(/^log-/)
    expect(texts(await take(consumer, 1))).toEqual(['b'])
  })

  test('leaves it when it unsubscribes, and can subscribe to others', async () => {
    await using rig = await ConsumerRig.start({ topics: [orders, 'more'] })
    await fill(rig, 2)
    await rig.produce('more', ['m'])
    const consumer = rig.consumer(group)
    await take(consumer, 8)
    await consumer.unsubscribe()
    expect(consumer.assignment()).toEqual([])
    const other = rig.consumer({ groupId: 'billing' })
    expect((await committedOffsets(other)).toSorted((a, b) => a - b)).toEqual([1, 2, 2, 2])
    consumer.subscribe(['more'])
    expect(texts(await take(consumer, 1))).toEqual(['m'])
  })

  test('has to say which group', async () => {
    await using rig = await ConsumerRig.start()
    expect(() => rig.consumer({ topics: ['orders'] })).toThrow(TypeError)
    const outside = rig.consumer({ assignment: all })
    await expect(outside.commit()).rejects.toThrow(/groupId/)
    await expect(outside.committed(all)).rejects.toThrow(/groupId/)
    expect(() => outside.subscribe(['orders'])).toThrow(/by hand/)
    expect(() => rig.consumer({ ...group, assignment: all })).toThrow(TypeError)
    expect(() => rig.consumer(group).assign(all)).toThrow(TypeError)
  })

  test('with partitions assigned by hand commits for the group from outside', async () => {
    await using rig = await ConsumerRig.start({ topics: [orders] })
    await rig.produce('orders', numbers(5))
    const by = {
      groupId: 'billing',
      assignment: partitionsOf('orders'),
      autoOffsetReset: 'earliest',
    } as const
    const first = rig.consumer(by)
    await take(first, 3)
    await first.close()
    expect(texts(await take(rig.consumer(by), 1))).toEqual(['2'])
  })
})

describe('members of a group', () => {
  test('that leave while it rebalances have committed what is done before others get it', async () => {
    await using rig = await ConsumerRig.start({ topics: [orders] })
    await rig.produce('orders', numbers(10))
    const cooperative = { ...group, assignors: ['cooperative-sticky'], autoCommitIntervalMs: 60_000 } as const
    const [a, b] = [rig.consumer(cooperative), rig.consumer(cooperative)]
    const seen: [ConsumedRecord[], ConsumedRecord[]] = [[], []]
    const loops = [consumeInto(seen[0], a)]
    await until(() => seen[0].length >= 10)
    const { memberId } = a.groupMetadata()
    const leaveAsItJoinsAgain = (event: unknown): void => {
      const { kind, memberId: joining } = event as RebalanceEvent
      if (kind === 'join' && joining === memberId) queueMicrotask(() => void a.close())
    }
    rebalanceChannel.subscribe(leaveAsItJoinsAgain)
    loops.push(consumeInto(seen[1], b))
    await until(() => b.assignment().length === 4)
    rebalanceChannel.unsubscribe(leaveAsItJoinsAgain)
    expect((await committedOffsets(b))[0]).toBe(10)
    await Promise.all([a.close(), b.close(), ...loops])
    expect(seen[1]).toEqual([])
  })

  test('share the partitions, and take over from one that leaves', async () => {
    await using rig = await ConsumerRig.start({ topics: [orders] })
    const [a, b] = [rig.consumer(group), rig.consumer(group)]
    const seen: [ConsumedRecord[], ConsumedRecord[]] = [[], []]
    const loops = [consumeInto(seen[0], a), consumeInto(seen[1], b)]
    await until(() => a.assignment().length === 2 && b.assignment().length === 2)
    await fill(rig, 100)
    await until(() => seen.flat().length >= 400)
    expect(seen[0]).toHaveLength(200)
    expect(texts(seen.flat()).toSorted()).toEqual(numbers(400).toSorted())
    await a.close()
    seen[1].length = 0
    for (const { partition } of all) await rig.produce('orders', ['new'], { partition })
    await until(() => seen[1].length >= 4)
    expect(texts(seen[1])).toEqual(['new', 'new', 'new', 'new'])
    await b.close()
    await Promise.all(loops)
  })

  test('give up partitions once the record in hand is done, and not before', async () => {
    await using rig = await ConsumerRig.start({ topics: [orders] })
    await fill(rig, 10)
    const moves: string[] = []
    const named = (kind: string) => (partitions: readonly TopicPartition[]) =>
      void moves.push(`${kind} ${partitions.length}`)
    const a = rig.consumer({ ...group, onAssigned: named('+'), onRevoked: named('-') })
    const b = rig.consumer(group)
    const seen: ConsumedRecord[][] = [[], []]
    const loops: Promise<void>[] = []
    const consumeSlowly = async (): Promise<void> => {
      for await (const record of a) {
        seen[0]?.push(record)
        if (loops.length > 1) continue
        const rebalance = rig.cluster.failNext('Heartbeat', 'REBALANCE_IN_PROGRESS')
        loops.push(consumeInto(seen[1] ?? [], b))
        await rebalance.used
        for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setImmediate(resolve))
        expect(moves).toEqual(['+ 4'])
        expect(seen[1]).toEqual([])
      }
    }
    loops.push(consumeSlowly())
    await until(() => a.assignment().length === 2 && b.assignment().length === 2 && seen.flat().length >= 40)
    expect(moves).toEqual(['+ 4', '- 4', '+ 2'])
    expect(texts(seen.flat()).toSorted()).toEqual(numbers(40).toSorted())
    await a.close()
    await b.close()
    await Promise.all(loops)
  })
})

import { describe, expect, test } from 'vitest'
import { Pace } from '../../../../src/client/consumer/pace.ts'
import { ManualClock } from '../../../../src/testing/manual-clock.ts'
import { KafkaError } from '../../../../src/wire/kafka-error.ts'
import { ConsumerRig, numbers, partitionsOf, take, texts, until } from './rig.ts'

const earliest = { autoOffsetReset: 'earliest' } as const

describe('a long run of records in memory', () => {
  test('lets the event loop turn every 10 ms', async () => {
    const clock = new ManualClock()
    await using rig = await ConsumerRig.start({ topics: ['orders'], clock })
    await rig.produce('orders', numbers(2000))
    const consumer = rig.consumer({ assignment: partitionsOf('orders'), ...earliest })
    let turns = 0
    let isCounting = false
    const count = (): void => {
      if (!isCounting) return
      turns++
      setImmediate(count)
    }
    let records = 0
    for await (const _ of consumer) {
      if (records === 0) {
        isCounting = true
        setImmediate(count)
      }
      // 2000 records take 2 seconds, and the clock is looked at once in 32 of them.
      clock.advance(1)
      if (++records === 2000) break
    }
    isCounting = false
    expect(turns).toBeGreaterThan(50)
  })

  test('rests when the time is up, and not before', async () => {
    const clock = new ManualClock()
    const pace = new Pace(clock)
    const looks = (): boolean[] => Array.from({ length: 64 }, () => pace.isRestDue())
    expect(looks()).not.toContain(true)
    clock.advance(9)
    expect(looks()).not.toContain(true)
    clock.advance(1)
    expect(looks()).toContain(true)
    await pace.rest()
    expect(looks()).not.toContain(true)
  })
})

describe('several calls of next at once', () => {
  test('get one record after the other', async () => {
    await using rig = await ConsumerRig.start({ topics: ['orders'] })
    const consumer = rig.consumer({ assignment: partitionsOf('orders'), ...earliest })
    const records = consumer.records()
    const three = [records.next(), records.next(), records.next()]
    await rig.produce('orders', numbers(3))
    const results = await Promise.all(three)
    expect(results.map(({ value }) => String(value?.value))).toEqual(['0', '1', '2'])
    const last = records.next()
    await records.return?.()
    expect(await last).toMatchObject({ done: true })
    expect(await records.next()).toMatchObject({ done: true })
  })
})

describe('an application', () => {
  const group = { groupId: 'billing', topics: ['orders'], ...earliest } as const

  test('that waits for records is alive', async () => {
    const clock = new ManualClock()
    await using rig = await ConsumerRig.start({ topics: ['orders'], clock })
    await rig.produce('orders', ['a'])
    const lost: unknown[] = []
    const onRevoked = (partitions: unknown): void => void lost.push(partitions)
    const consumer = rig.consumer({ ...group, maxPollIntervalMs: 100, fetchMaxWaitMs: 10, onRevoked })
    const seen: string[] = []
    const loop = (async () => {
      for await (const { value } of consumer) seen.push(String(value))
    })()
    const pass = async (): Promise<void> => {
      clock.advance(5)
      for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve))
    }
    while (seen.length === 0) await pass()
    for (let passed = 0; passed < 1000; passed += 5) await pass()
    expect(lost).toEqual([])
    await consumer.close()
    await loop
  })

  test('that does not come back loses its partitions, and gets them again when it does', async () => {
    await using rig = await ConsumerRig.start({ topics: ['orders'] })
    await rig.produce('orders', numbers(3))
    const moves: string[] = []
    const consumer = rig.consumer({
      ...{ ...group, maxPollIntervalMs: 50 },
      onAssigned: () => void moves.push('assigned'),
      onRevoked: () => void moves.push('revoked'),
      onLost: () => void moves.push('lost'),
    })
    const seen: string[] = []
    for await (const { value } of consumer) {
      seen.push(String(value))
      if (seen.length === 1) await until(() => moves.length > 1)
      if (seen.length === 4) break
    }
    expect(moves[0]).toBe('assigned')
    expect(['lost', 'revoked']).toContain(moves[1])
    // The record that took so long was not done, as far as the group can know.
    expect(seen).toEqual(['0', '0', '1', '2'])
  })

  test('hears in its loop, and in each later one, that the group does not want it', async () => {
    await using rig = await ConsumerRig.start({ topics: ['orders'] })
    const consumer = rig.consumer(group)
    rig.cluster.failNext('JoinGroup', 'GROUP_AUTHORIZATION_FAILED')
    for (let round = 0; round < 2; round++) {
      const failure = await take(consumer, 1).catch((error: unknown) => error)
      expect(failure).toBeInstanceOf(KafkaError)
      expect(failure).toMatchObject({ kafkaName: 'GROUP_AUTHORIZATION_FAILED' })
    }
    await expect(consumer.position({ topic: 'orders', partition: 0 })).rejects.toBeInstanceOf(KafkaError)
  })

  test('may ask for positions while it is told of partitions', async () => {
    await using rig = await ConsumerRig.start({ topics: ['orders'] })
    await rig.produce('orders', numbers(5))
    const positions: number[] = []
    const consumer = rig.consumer({
      ...group,
      onAssigned: async ([first]) => {
        if (first === undefined) return
        positions.push(await consumer.position(first))
        // Nothing is fetched meanwhile.
        for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setImmediate(resolve))
        consumer.seek(first, 3)
      },
    })
    expect(texts(await take(consumer, 2))).toEqual(['3', '4'])
    expect(positions).toEqual([0])
  })
})

describe('options', () => {
  test('go by Kafka’s names, too, and unknown ones are refused', async () => {
    await using rig = await ConsumerRig.start({ topics: ['orders'] })
    await rig.produce('orders', numbers(3))
    const consumer = rig.consumer({
      ...{ assignment: partitionsOf('orders'), 'group.id': 'billing' },
      ...{ 'auto.offset.reset': 'earliest', 'max.poll.records': 2, 'enable.auto.commit': false },
    })
    const [batch] = await take(consumer.batches(), 1)
    expect(batch?.records).toHaveLength(2)
    expect(consumer.groupMetadata()).toMatchObject({ groupId: 'billing', memberId: '', generationId: -1 })
    const refused = (options: object) => () => rig.consumer(options)
    expect(refused({ autoOfsetReset: 'latest' })).toThrow(/did you mean 'autoOffsetReset'/)
    expect(refused({ autoOffsetReset: 'lattest' })).toThrow(/Did you mean 'latest'/)
    expect(refused({ maxPollRecords: 0 })).toThrow(RangeError)
    expect(refused({ topics: 'orders', groupId: 'g' })).toThrow(TypeError)
    expect(refused({ assignment: [{ topic: 'orders' }] })).toThrow(TypeError)
    expect(refused({ topics: ['a'], groupId: 'g', assignors: ['nearest'] })).toThrow(/no assignor/)
  })
})

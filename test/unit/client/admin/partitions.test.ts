import { describe, expect, test } from 'vitest'
import { ConnectionError } from '../../../../src/base/errors.ts'
import type { ListOffsetsRequest } from '../../../../src/wire/messages/02-list-offsets.ts'
import { twoBrokers } from '../scripted-transport.ts'
import { clusterAdmin, produce, scriptedAdmin, settle } from './admins.ts'

const quiet = { throwOnError: false }
const orders = (partition: number) => ({ topic: 'orders', partition })

test('places in partitions are found: ends, the latest time, times; several in one partition', async () => {
  const { admin, client } = await clusterAdmin({
    topics: [{ name: 'orders', partitions: 2, config: { 'retention.ms': -1 } }],
  })
  await produce(client, 'orders', 0, [1000, 5000])
  await produce(client, 'orders', 0, [3000])
  const places = ['earliest', 'latest', 'maxTimestamp', { timestamp: 2000 }, { timestamp: 9000 }] as const
  const found = await admin.listOffsets([
    ...places.map((at) => ({ ...orders(0), at })),
    { ...orders(1), at: 'latest' },
    { ...orders(1), at: 'maxTimestamp' },
  ])
  expect(found.map(({ partition, offset, timestamp }) => [partition, offset, timestamp])).toEqual([
    ...[
      [0, 0, -1],
      [0, 3, -1],
      [0, 1, 5000],
      [0, 1, 5000],
      [0, -1, -1],
    ],
    ...[
      [1, 0, -1],
      [1, -1, -1],
    ],
  ])
  expect(
    await admin.listOffsets([{ ...orders(0), at: 'latest' }], { isolationLevel: 'read_committed' }),
  ).toEqual([{ ...orders(0), offset: 3, timestamp: -1, leaderEpoch: 0 }])
})

test('a partition is known as soon as there is one, though the topic was known before', async () => {
  const { admin } = await clusterAdmin({ topics: ['orders'] })
  await admin.listOffsets([{ ...orders(0), at: 'latest' }])
  await admin.createPartitions([{ name: 'orders', count: 2 }])
  expect(await admin.listOffsets([{ ...orders(1), at: 'latest' }])).toMatchObject([{ offset: 0 }])
})

test('records are deleted, and producers told', async () => {
  const { admin, client } = await clusterAdmin({ topics: [{ name: 'orders', partitions: 2 }] })
  await produce(client, 'orders', 0, [1000, 2000, 3000])
  expect(await admin.deleteRecords([{ ...orders(0), beforeOffset: 2 }])).toEqual([
    { ...orders(0), lowWatermark: 2 },
  ])
  expect(
    await admin.deleteRecords(
      [
        { ...orders(0), beforeOffset: 9 },
        { ...orders(1), beforeOffset: -1 },
        { ...orders(7), beforeOffset: 1 },
      ],
      quiet,
    ),
  ).toMatchObject([
    { ...orders(0), lowWatermark: -1, error: { kafkaName: 'OFFSET_OUT_OF_RANGE' } },
    { ...orders(1), lowWatermark: 0 },
    { ...orders(7), error: { message: 'orders-7: it does not exist (UNKNOWN_TOPIC_OR_PARTITION)' } },
  ])
  expect(await admin.describeProducers([orders(1), orders(0)])).toEqual([
    { ...orders(1), producers: [] },
    { ...orders(0), producers: [] },
  ])
})

describe('with two brokers', () => {
  type Partitions = ListOffsetsRequest['topics'][number]['partitions']

  /** Answers with the offsets that `answerOf` says, or minus an error code. */
  function listing(answerOf: (partition: number, address: string) => number) {
    return ({ topics }: ListOffsetsRequest, address: string) => ({
      throttleTimeMs: 0,
      topics: topics.map(({ name, partitions }: { name: string; partitions: Partitions }) => ({
        name,
        partitions: partitions.map(({ partitionIndex }) => {
          const answer = answerOf(partitionIndex, address)
          return { partitionIndex, errorCode: Math.max(-answer, 0), offset: Math.max(answer, -1) }
        }),
      })),
    })
  }
  const latest = (...partitions: number[]) =>
    partitions.map((partition) => ({ ...orders(partition), at: 'latest' as const }))

  test('each is asked once for the partitions that it leads', async () => {
    const asked: string[] = []
    const { admin, transport } = scriptedAdmin({
      Metadata: () => twoBrokers(1, [1, 2, 1]),
      ListOffsets: listing((partition, address) => {
        asked.push(`${partition} ${address}`)
        return partition + 10
      }),
    })
    const found = await admin.listOffsets(latest(2, 1, 0))
    expect(found.map(({ partition, offset }) => [partition, offset])).toEqual([
      [2, 12],
      [1, 11],
      [0, 10],
    ])
    expect(asked.toSorted()).toEqual(['0 a:1', '1 b:2', '2 a:1'])
    expect(transport.log.filter((line) => line.startsWith('ListOffsets')).toSorted()).toEqual([
      ...['ListOffsets a:1', 'ListOffsets b:2'],
    ])
  })

  test('a partition whose leader has moved is asked for again, alone, of the new one', async () => {
    let leaders = [1, 2]
    const asked: string[] = []
    const { admin, clock } = scriptedAdmin({
      Metadata: () => twoBrokers(1, leaders),
      ListOffsets: listing((partition, address) => {
        asked.push(`${partition} ${address}`)
        if (partition === 1 && address === 'b:2') {
          leaders = [1, 1]
          return -6
        }
        return 5
      }),
    })
    const found = await settle(clock, admin.listOffsets(latest(0, 1)))
    expect(found).toMatchObject([{ offset: 5 }, { offset: 5 }])
    expect(asked.toSorted()).toEqual(['0 a:1', '1 a:1', '1 b:2'])
  })

  test('one that is down holds up its own partitions, until the time is over', async () => {
    const { admin, transport, clock } = scriptedAdmin(
      { ListOffsets: listing(() => 5) },
      { limits: { apiTimeoutMs: 3000 } },
    )
    transport.down.add('b:2')
    const [zero, one] = await settle(clock, admin.listOffsets(latest(0, 1), quiet))
    expect(zero).toMatchObject({ offset: 5 })
    expect(zero).not.toHaveProperty('error')
    expect(one).toMatchObject({ offset: -1, error: { kafkaName: 'NETWORK_EXCEPTION', subject: 'orders-1' } })
    expect(one?.error?.cause).toBeInstanceOf(ConnectionError)
    expect(clock.monotonicMs()).toBeGreaterThan(1500)
    expect(clock.monotonicMs()).toBeLessThan(3100)
    // Nobody at all is another matter: there are no results.
    transport.down.add('a:1')
    await expect(settle(clock, admin.listOffsets(latest(1), quiet))).rejects.toThrow(ConnectionError)
  })

  test('a partition that nobody leads is waited for', async () => {
    let count = 0
    const { admin, clock } = scriptedAdmin({
      Metadata: () => twoBrokers(1, [1, ++count <= 3 ? -1 : 2]),
      ListOffsets: listing(() => 5),
    })
    expect(await settle(clock, admin.listOffsets(latest(1)))).toMatchObject([{ offset: 5 }])
    expect(count).toBe(4)
  })

  test('a topic that its leader does not know yet is waited for, one that nobody knows is not', async () => {
    let count = 0
    const { admin, clock } = scriptedAdmin({
      ListOffsets: listing(() => (++count === 1 ? -3 : 5)),
    })
    expect(await settle(clock, admin.listOffsets(latest(1)))).toMatchObject([{ offset: 5 }])
    const before = clock.monotonicMs()
    await expect(admin.listOffsets([{ topic: 'ordrs', partition: 0, at: 'latest' }])).rejects.toMatchObject({
      message: 'ordrs-0: it does not exist (UNKNOWN_TOPIC_OR_PARTITION)',
    })
    expect(clock.monotonicMs()).toBe(before)
  })

  test('an error that does not pass is told at once', async () => {
    const { admin, clock } = scriptedAdmin({
      ListOffsets: listing((partition) => (partition === 0 ? 5 : -29)),
    })
    await expect(admin.listOffsets(latest(0, 1))).rejects.toMatchObject({
      kafkaName: 'TOPIC_AUTHORIZATION_FAILED',
    })
    expect(clock.monotonicMs()).toBe(0)
  })

  test('an answer that leaves something out is an error for that', async () => {
    const { admin } = scriptedAdmin({ ListOffsets: () => ({ throttleTimeMs: 0, topics: [] }) })
    await expect(admin.listOffsets(latest(0))).rejects.toThrow('orders-0: the broker has not answered for it')
  })

  test('waiting ends when the signal says so', async () => {
    const { admin, clock } = scriptedAdmin({ ListOffsets: listing(() => -6) })
    const stop = new AbortController()
    const listed = admin.listOffsets(latest(0), { signal: stop.signal })
    await clock.runFor(300)
    stop.abort(new Error('enough'))
    await expect(listed).rejects.toThrow('enough')
  })
})

import { describe, expect, test } from 'vitest'
import { AdminError } from '../../../../src/client/admin/admin-error.ts'
import { KafkaError } from '../../../../src/wire/kafka-error.ts'
import { zeroUuid } from '../../../../src/wire/uuid.ts'
import { twoBrokers } from '../scripted-transport.ts'
import { clusterAdmin, scriptedAdmin } from './admins.ts'

test('topics are created, listed, described, extended and deleted', async () => {
  const { admin } = await clusterAdmin({ config: { 'num.partitions': 3 } })
  const created = await admin.createTopics([
    { name: 'wide', partitions: 2, config: { 'retention.ms': 5000, preallocate: true } },
    { name: 'by-default' },
    { name: 'assigned', assignments: [[1], [1]] },
  ])
  expect(created).toEqual([
    { name: 'wide', topicId: expect.stringMatching(/^[\w-]{22}$/), partitions: 2, replicationFactor: 1 },
    { name: 'by-default', topicId: expect.any(String), partitions: 3, replicationFactor: 1 },
    { name: 'assigned', topicId: expect.any(String), partitions: 2, replicationFactor: 1 },
  ])
  const [wide] = created
  expect(wide?.topicId).not.toBe(zeroUuid)

  const listing = { isInternal: false, replicationFactor: 1 }
  expect(await admin.listTopics()).toEqual([
    { ...listing, name: 'assigned', topicId: created[2]?.topicId, partitions: 2 },
    { ...listing, name: 'by-default', topicId: created[1]?.topicId, partitions: 3 },
    { ...listing, name: 'wide', topicId: wide?.topicId, partitions: 2 },
  ])
  expect(await admin.createPartitions([{ name: 'wide', count: 3 }])).toEqual([{ name: 'wide' }])
  const partition = { leaderId: 1, leaderEpoch: 0, replicas: [1], isr: [1] }
  expect(await admin.describeTopics(['wide'])).toEqual([
    {
      ...{ name: 'wide', topicId: wide?.topicId, isInternal: false },
      partitions: [0, 1, 2].map((index) => ({
        ...{ partition: index, ...partition, offlineReplicas: [], eligibleLeaderReplicas: [] },
      })),
    },
  ])
  expect((await admin.describeTopics(null)).map(({ name }) => name)).toEqual([
    'assigned',
    'by-default',
    'wide',
  ])

  expect(await admin.deleteTopics(['by-default', { topicId: wide?.topicId ?? '' }])).toEqual([
    { name: 'by-default', topicId: created[1]?.topicId },
    { name: 'wide', topicId: wide?.topicId },
  ])
  expect((await admin.listTopics()).map(({ name }) => name)).toEqual(['assigned'])
})

test('the topics that Kafka keeps for itself are told of when they are wanted', async () => {
  const { admin } = await clusterAdmin({ topics: ['orders'] })
  await admin.alterGroupOffsets('billing', [{ topic: 'orders', partition: 0, offset: 0 }])
  expect((await admin.listTopics()).map(({ name }) => name)).toEqual(['orders'])
  expect(await admin.listTopics({ internal: true })).toMatchObject([
    { name: '__consumer_offsets', isInternal: true },
    { name: 'orders', isInternal: false },
  ])
  expect(await admin.describeTopics(null, { internal: true })).toMatchObject([
    { name: '__consumer_offsets', isInternal: true },
    { name: 'orders' },
  ])
})

test('what is only validated is not done', async () => {
  const { admin } = await clusterAdmin({ topics: ['orders'] })
  const options = { validateOnly: true }
  expect(await admin.createTopics([{ name: 'new', partitions: 2 }], options)).toMatchObject([{ name: 'new' }])
  await admin.createPartitions([{ name: 'orders', count: 2 }], options)
  await admin.alterConfigs([{ type: 'topic', name: 'orders', set: { 'retention.ms': 1 } }], options)
  expect(await admin.listTopics()).toMatchObject([{ name: 'orders', partitions: 1 }])
  const [orders] = await admin.describeConfigs([{ type: 'topic', name: 'orders', keys: ['retention.ms'] }])
  expect(orders?.configs).toMatchObject([{ isDefault: true }])
})

describe('of several, one that fails', () => {
  test('rejects with its error, and the others are done', async () => {
    const { admin } = await clusterAdmin({ topics: ['orders'] })
    const creating = admin.createTopics([{ name: 'payments' }, { name: 'orders' }])
    const error: unknown = await creating.catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(KafkaError)
    expect(error).toBeInstanceOf(AdminError)
    expect(error).toMatchObject({
      ...{ kafkaName: 'TOPIC_ALREADY_EXISTS', subject: "topic 'orders'", code: 'ERR_KAFKA' },
      message: "topic 'orders': the topic 'orders' exists already (TOPIC_ALREADY_EXISTS)",
    })
    expect((await admin.listTopics()).map(({ name }) => name)).toEqual(['orders', 'payments'])
  })

  test('several reject with all of their errors', async () => {
    const { admin } = await clusterAdmin()
    const error: unknown = await admin
      .deleteTopics(['a', 'b', 'c', 'd', 'e'])
      .catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(AggregateError)
    const { errors, message } = error as AggregateError
    expect(errors.map(({ kafkaName }: KafkaError) => kafkaName)).toEqual(
      Array.from({ length: 5 }, () => 'UNKNOWN_TOPIC_OR_PARTITION'),
    )
    expect(message).toMatch(/^5 of 5 failed: topic 'a': .*; topic 'c': .*; and 2 more$/)
  })

  test('tells its error in its result, if nothing is to be thrown', async () => {
    const { admin } = await clusterAdmin({ topics: ['orders'] })
    const quiet = { throwOnError: false }
    const [unknown, orders] = await admin.describeTopics(['ordrs', 'orders'], quiet)
    expect(unknown).toMatchObject({ name: 'ordrs', topicId: zeroUuid, partitions: [] })
    expect(unknown?.error?.message).toBe("topic 'ordrs': it does not exist (UNKNOWN_TOPIC_OR_PARTITION)")
    expect(orders).toMatchObject({ name: 'orders', partitions: [{ partition: 0 }] })
    expect(orders).not.toHaveProperty('error')
    expect(await admin.createPartitions([{ name: 'orders', count: 1 }], quiet)).toMatchObject([
      { name: 'orders', error: { kafkaName: 'INVALID_PARTITIONS' } },
    ])
    expect(await admin.deleteTopics([{ topicId: 'AAAAAAAAAAAAAAAAAAAAAQ' }], quiet)).toMatchObject([
      { name: null, topicId: 'AAAAAAAAAAAAAAAAAAAAAQ', error: { kafkaName: 'UNKNOWN_TOPIC_ID' } },
    ])
  })
})

test('many partitions are described page by page', async () => {
  const config = { 'max.request.partition.size.limit': 2 }
  const topics = [{ name: 'a', partitions: 3 }, 'b', { name: 'c', partitions: 5 }]
  const { admin } = await clusterAdmin({ config, topics })
  const described = await admin.describeTopics(['c', 'a', 'b', 'x'], { throwOnError: false })
  expect(
    described.map(({ name, partitions }) => [name, ...partitions.map((each) => each.partition)]),
  ).toEqual([['c', 0, 1, 2, 3, 4], ['a', 0, 1, 2], ['b', 0], ['x']])
  expect(described[3]?.error?.kafkaName).toBe('UNKNOWN_TOPIC_OR_PARTITION')
})

test('a broker that has no such pages is asked for metadata', async () => {
  const { admin, transport } = scriptedAdmin({})
  expect(await admin.describeTopics(['orders'])).toMatchObject([
    {
      name: 'orders',
      partitions: [
        { partition: 0, leaderId: 1, isr: [1, 2] },
        { partition: 1, leaderId: 2 },
      ],
    },
  ])
  expect(transport.log).not.toContain('DescribeTopicPartitions a:1')
})

test('of all topics, one that is gone meanwhile is no failure; one that was named is', async () => {
  let count = 0
  const { admin } = scriptedAdmin({
    Metadata: () => (++count === 1 ? twoBrokers() : { ...twoBrokers(), topics: [] }),
  })
  expect(await admin.describeTopics(null)).toEqual([])
  await expect(admin.describeTopics(['orders'])).rejects.toThrow("topic 'orders': it does not exist")
})

test('nothing is asked for nothing', async () => {
  const { admin, transport } = scriptedAdmin({})
  expect(await admin.createTopics([])).toEqual([])
  expect(await admin.listOffsets([])).toEqual([])
  expect(transport.log).toEqual([])
})

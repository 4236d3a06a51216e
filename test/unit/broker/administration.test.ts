import { describe, expect, test } from 'vitest'
import { errorCodes } from '../../../src/wire/error-codes.ts'
import { createTopicsRequest, createTopicsResponse } from '../../../src/wire/messages/19-create-topics.ts'
import { deleteTopicsRequest, deleteTopicsResponse } from '../../../src/wire/messages/20-delete-topics.ts'
import {
  describeConfigsRequest,
  describeConfigsResponse,
} from '../../../src/wire/messages/32-describe-configs.ts'
import {
  describeLogDirsRequest,
  describeLogDirsResponse,
} from '../../../src/wire/messages/35-describe-log-dirs.ts'
import {
  createPartitionsRequest,
  createPartitionsResponse,
} from '../../../src/wire/messages/37-create-partitions.ts'
import { electLeadersRequest, electLeadersResponse } from '../../../src/wire/messages/43-elect-leaders.ts'
import {
  incrementalAlterConfigsRequest,
  incrementalAlterConfigsResponse,
} from '../../../src/wire/messages/44-incremental-alter-configs.ts'
import {
  describeClusterRequest,
  describeClusterResponse,
} from '../../../src/wire/messages/60-describe-cluster.ts'
import {
  describeTopicPartitionsRequest,
  describeTopicPartitionsResponse,
} from '../../../src/wire/messages/75-describe-topic-partitions.ts'
import { zeroUuid } from '../../../src/wire/uuid.ts'
import { openBroker, type TestBroker } from './open-broker.ts'

const create = { request: createTopicsRequest, response: createTopicsResponse }
const remove = { request: deleteTopicsRequest, response: deleteTopicsResponse }
const grow = { request: createPartitionsRequest, response: createPartitionsResponse }
const describeSettings = { request: describeConfigsRequest, response: describeConfigsResponse }
const alter = { request: incrementalAlterConfigsRequest, response: incrementalAlterConfigsResponse }
const page = { request: describeTopicPartitionsRequest, response: describeTopicPartitionsResponse }
const topicType = 2
const brokerType = 4

const topicOf = (name: string, more = {}) => ({
  name,
  numPartitions: 1,
  replicationFactor: 1,
  assignments: [],
  configs: [],
  ...more,
})

async function createAll(tested: TestBroker, ...topics: ReturnType<typeof topicOf>[]) {
  return (await tested.ask(create, { topics }))?.topics ?? []
}

describe('making topics', () => {
  test('each is made or refused for itself, with a message', async () => {
    await using tested = await openBroker({ properties: { 'num.partitions': '3' } })
    const results = await createAll(
      tested,
      topicOf('plain'),
      topicOf('counted', { numPartitions: -1, replicationFactor: -1 }),
      topicOf('assigned', {
        numPartitions: -1,
        replicationFactor: -1,
        assignments: [
          { partitionIndex: 1, brokerIds: [1] },
          { partitionIndex: 0, brokerIds: [1] },
        ],
      }),
      topicOf('twice'),
      topicOf('twice'),
      topicOf('configured', { configs: [{ name: 'retention.ms', value: '5000' }] }),
      topicOf('misconfigured', { configs: [{ name: 'retention.msec', value: '5000' }] }),
      topicOf('gaps', {
        numPartitions: -1,
        replicationFactor: -1,
        assignments: [{ partitionIndex: 1, brokerIds: [1] }],
      }),
    )
    const found = Object.fromEntries(results.map((topic) => [topic.name, topic]))
    expect(found['plain']).toMatchObject({ errorCode: 0, numPartitions: 1, replicationFactor: 1 })
    expect(found['counted']).toMatchObject({ errorCode: 0, numPartitions: 3 })
    expect(found['assigned']).toMatchObject({ errorCode: 0, numPartitions: 2 })
    expect(found['twice']).toMatchObject({ errorCode: errorCodes.INVALID_REQUEST })
    expect(found['misconfigured']).toMatchObject({ errorCode: errorCodes.INVALID_CONFIG })
    expect(found['misconfigured']?.errorMessage).toContain('retention.ms')
    expect(found['gaps']).toMatchObject({ errorCode: errorCodes.INVALID_REPLICA_ASSIGNMENT })
    const configs = found['configured']?.configs?.filter(({ name }) => name === 'retention.ms')
    expect(configs).toEqual([
      { name: 'retention.ms', value: '5000', readOnly: false, configSource: 1, isSensitive: false },
    ])
    expect([...tested.broker.view.topics.keys()].sort()).toEqual([
      'assigned',
      'configured',
      'counted',
      'plain',
    ])
  })

  test('validating makes nothing', async () => {
    await using tested = await openBroker()
    const response = await tested.ask(create, { topics: [topicOf('later')], validateOnly: true })
    expect(response?.topics[0]).toMatchObject({ errorCode: 0, numPartitions: 1 })
    expect(tested.broker.view.topics.size).toBe(0)
  })
})

test('topics are deleted by name and by id, and their partitions with them', async () => {
  await using tested = await openBroker()
  const [first, second] = await createAll(tested, topicOf('first'), topicOf('second'))
  const response = await tested.ask(remove, {
    topics: [
      { name: 'first', topicId: zeroUuid },
      { name: null, topicId: second?.topicId ?? '' },
      { name: 'none', topicId: zeroUuid },
    ],
    timeoutMs: 0,
  })
  expect(response?.responses.map(({ name, errorCode }) => [name, errorCode])).toEqual([
    ['first', 0],
    ['second', 0],
    ['none', errorCodes.UNKNOWN_TOPIC_OR_PARTITION],
  ])
  expect(first?.topicId).not.toBe(second?.topicId)
  expect(tested.broker.replicas.count).toBe(0)
  await using guarded = await openBroker({ properties: { 'delete.topic.enable': 'false' } })
  await createAll(guarded, topicOf('kept'))
  const refused = await guarded.ask(remove, { topics: [{ name: 'kept', topicId: zeroUuid }], timeoutMs: 0 })
  expect(refused?.responses[0]?.errorCode).toBe(errorCodes.TOPIC_DELETION_DISABLED)
})

test('partitions are added, and never taken away', async () => {
  await using tested = await openBroker()
  await createAll(tested, topicOf('orders'))
  const to = async (count: number, validateOnly = false) => {
    const topics = [{ name: 'orders', count, assignments: null }]
    const response = await tested.ask(grow, { topics, timeoutMs: 0, validateOnly })
    return response?.results[0]?.errorCode
  }
  expect(await to(3, true)).toBe(0)
  expect(tested.broker.replicas.count).toBe(1)
  expect(await to(3)).toBe(0)
  expect(tested.broker.replicas.count).toBe(3)
  expect(await to(2)).toBe(errorCodes.INVALID_PARTITIONS)
})

describe('configuration', () => {
  test('a change takes effect at once, and outlives a restart', async () => {
    const tested = await openBroker()
    await createAll(tested, topicOf('orders'))
    const change = async (name: string, value: string | null, configOperation = 0) =>
      tested.ask(alter, {
        resources: [
          { resourceType: topicType, resourceName: 'orders', configs: [{ name, configOperation, value }] },
        ],
        validateOnly: false,
      })
    expect((await change('max.message.bytes', '100'))?.responses[0]?.errorCode).toBe(0)
    const partition = tested.broker.replicas.get('orders', 0)
    expect(partition.log.state.config.maxMessageBytes).toBe(100)
    expect((await change('max.message.bytes', 'many'))?.responses[0]).toMatchObject({
      errorCode: errorCodes.INVALID_CONFIG,
    })
    await tested.broker.close()
    await using again = await openBroker({ env: tested.env })
    expect(again.broker.replicas.get('orders', 0).log.state.config.maxMessageBytes).toBe(100)
  })

  test('of a topic and a broker are described, with where they come from', async () => {
    await using tested = await openBroker({ properties: { 'log.retention.ms': '7000' } })
    await createAll(tested, topicOf('orders'))
    const response = await tested.ask(describeSettings, {
      resources: [
        { resourceType: topicType, resourceName: 'orders', configurationKeys: ['retention.ms'] },
        { resourceType: brokerType, resourceName: '1', configurationKeys: ['log.retention.ms'] },
        { resourceType: topicType, resourceName: 'none', configurationKeys: null },
        { resourceType: brokerType, resourceName: '2', configurationKeys: null },
      ],
      includeSynonyms: true,
    })
    const [topic, broker, none, other] = response?.results ?? []
    expect(topic?.configs[0]).toMatchObject({ name: 'retention.ms', value: '7000', configSource: 4 })
    expect(broker?.configs[0]).toMatchObject({ name: 'log.retention.ms', value: '7000', configSource: 4 })
    expect(none?.errorCode).toBe(errorCodes.UNKNOWN_TOPIC_OR_PARTITION)
    expect(other?.errorCode).toBe(errorCodes.INVALID_REQUEST)
  })

  test('a resource that is named twice is refused, and a validated one unchanged', async () => {
    await using tested = await openBroker()
    await createAll(tested, topicOf('orders'))
    const resource = {
      resourceType: topicType,
      resourceName: 'orders',
      configs: [{ name: 'retention.ms', configOperation: 0, value: '1' }],
    }
    const twice = await tested.ask(alter, { resources: [resource, resource], validateOnly: false })
    expect(twice?.responses.map(({ errorCode }) => errorCode)).toEqual([
      errorCodes.INVALID_REQUEST,
      errorCodes.INVALID_REQUEST,
    ])
    await tested.ask(alter, { resources: [resource], validateOnly: true })
    expect(tested.broker.configs.topicConfig('orders')['retention.ms']).not.toBe(1)
  })
})

test('topics are described page by page', async () => {
  await using tested = await openBroker()
  await createAll(
    tested,
    topicOf('a', { numPartitions: 2 }),
    topicOf('b', { numPartitions: 3 }),
    topicOf('c'),
  )
  const seen: string[] = []
  let cursor: { topicName: string; partitionIndex: number } | null = null
  for (let pages = 0; pages < 10; pages++) {
    const response: Awaited<ReturnType<typeof ask>> = await ask(cursor)
    for (const { name, partitions } of response?.topics ?? [])
      for (const { partitionIndex } of partitions) seen.push(`${name}${partitionIndex}`)
    cursor = response?.nextCursor ?? null
    if (cursor === null) break
  }
  expect(seen).toEqual(['a0', 'a1', 'b0', 'b1', 'b2', 'c0'])

  function ask(from: typeof cursor) {
    return tested.ask(page, { topics: [], responsePartitionLimit: 2, cursor: from })
  }
})

test('leaders are elected where one is missing, and not where it is not', async () => {
  await using tested = await openBroker()
  await createAll(tested, topicOf('orders'))
  const elect = { request: electLeadersRequest, response: electLeadersResponse }
  const topicPartitions = [{ topic: 'orders', partitions: [0, 5] }]
  const response = await tested.ask(elect, { electionType: 0, topicPartitions })
  expect(response?.replicaElectionResults[0]?.partitionResult.map(({ errorCode }) => errorCode)).toEqual([
    errorCodes.ELECTION_NOT_NEEDED,
    errorCodes.UNKNOWN_TOPIC_OR_PARTITION,
  ])
  const all = await tested.ask(elect, { electionType: 0, topicPartitions: null })
  expect(all?.replicaElectionResults).toEqual([{ topic: 'orders', partitionResult: [] }])
})

test('the cluster and its directories are described', async () => {
  await using tested = await openBroker()
  await createAll(tested, topicOf('orders', { numPartitions: 2 }))
  const cluster = await tested.ask(
    { request: describeClusterRequest, response: describeClusterResponse },
    { includeClusterAuthorizedOperations: false, includeFencedBrokers: false },
  )
  expect(cluster).toMatchObject({ errorCode: 0, controllerId: 1, clusterId: tested.broker.clusterId })
  expect(cluster?.brokers).toMatchObject([{ brokerId: 1, host: '127.0.0.1', port: 9092 }])
  const directories = await tested.ask(
    { request: describeLogDirsRequest, response: describeLogDirsResponse },
    { topics: [{ topic: 'orders', partitions: [1] }] },
  )
  expect(directories?.results[0]).toMatchObject({
    errorCode: 0,
    logDir: '/data',
    topics: [{ name: 'orders', partitions: [{ partitionIndex: 1, partitionSize: 0, offsetLag: 0 }] }],
  })
})

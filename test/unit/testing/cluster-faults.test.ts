import { describe, expect, test } from 'vitest'
import { encodeBatch } from '../../../src/batch/encode-batch.ts'
import { handlers } from '../../../src/broker/handlers.ts'
import { ManualClock } from '../../../src/testing/manual-clock.ts'
import { startTestCluster } from '../../../src/testing/start-test-cluster.ts'
import { apiOf } from '../../../src/wire/api-keys.ts'
import { errorCodes } from '../../../src/wire/error-codes.ts'
import type { Message } from '../../../src/wire/message.ts'
import { produceRequest, produceResponse } from '../../../src/wire/messages/00-produce.ts'
import { listOffsetsRequest, listOffsetsResponse } from '../../../src/wire/messages/02-list-offsets.ts'
import { metadataRequest, metadataResponse } from '../../../src/wire/messages/03-metadata.ts'
import { heartbeatRequest, heartbeatResponse } from '../../../src/wire/messages/12-heartbeat.ts'
import { WireClient } from './wire-client.ts'

const produce = { request: produceRequest, response: produceResponse }
const metadata = { request: metadataRequest, response: metadataResponse }
const heartbeat = { request: heartbeatRequest, response: heartbeatResponse }
const listOffsets = { request: listOffsetsRequest, response: listOffsetsResponse }

const beat = { groupId: 'g', generationId: 1, memberId: 'm' }
const records = encodeBatch([{ value: 'a' }], { now: 0 })

function produceWith(acks: number, ...indexes: number[]) {
  const partitionData = indexes.map((index) => ({ index, records }))
  return { acks, timeoutMs: 1000, topicData: [{ name: 'orders', partitionData }] }
}

type Body = (version: number) => object

/** By the API: what asks for two things where the API can, and the errors that are then told. */
const requests: Readonly<
  Record<string, { readonly body: Body; readonly errors: (version: number) => number }>
> = {
  Produce: {
    body: (version) => ({
      ...produceWith(-1),
      topicData: [
        {
          ...(version < 13 ? { name: 'orders' } : { topicId: 'AAAAAAAAAAAAAAAAAAAAAQ' }),
          partitionData: [0, 1].map((index) => ({ index, records })),
        },
      ],
    }),
    errors: () => 2,
  },
  Fetch: {
    body: () => ({
      maxWaitMs: 0,
      minBytes: 1,
      topics: [
        {
          topic: 'orders',
          partitions: [0, 1].map((partition) => ({ partition, fetchOffset: 0, partitionMaxBytes: 9 })),
        },
      ],
      forgottenTopicsData: [],
    }),
    errors: () => 2,
  },
  ListOffsets: {
    body: () => ({
      replicaId: -1,
      isolationLevel: 0,
      topics: [
        { name: 'orders', partitions: [0, 1].map((partitionIndex) => ({ partitionIndex, timestamp: -1 })) },
      ],
    }),
    errors: () => 2,
  },
  Metadata: { body: () => ({ topics: [{ name: 'orders' }, { name: 'payments' }] }), errors: () => 2 },
  OffsetCommit: {
    body: () => ({
      groupId: 'g',
      topics: [
        {
          name: 'orders',
          partitions: [0, 1].map((partitionIndex) => ({
            partitionIndex,
            committedOffset: 1,
            committedMetadata: null,
          })),
        },
      ],
    }),
    errors: () => 2,
  },
  OffsetFetch: {
    body: (version) =>
      version < 8
        ? { groupId: 'g', topics: [{ name: 'orders', partitionIndexes: [0, 1] }] }
        : { groups: ['g', 'h'].map((groupId) => ({ groupId, topics: null })) },
    errors: (version) => (version >= 2 && version < 8 ? 1 : 2),
  },
  FindCoordinator: {
    body: (version) => (version < 4 ? { key: 'g' } : { coordinatorKeys: ['g', 'h'] }),
    errors: (version) => (version < 4 ? 1 : 2),
  },
  JoinGroup: {
    body: () => ({
      groupId: 'g',
      sessionTimeoutMs: 10_000,
      memberId: 'm',
      protocolType: 'consumer',
      protocols: [],
    }),
    errors: () => 1,
  },
  SyncGroup: { body: () => ({ ...beat, assignments: [] }), errors: () => 1 },
  Heartbeat: { body: () => beat, errors: () => 1 },
  LeaveGroup: { body: () => ({ groupId: 'g' }), errors: () => 1 },
  InitProducerId: { body: () => ({ transactionalId: null, transactionTimeoutMs: 0 }), errors: () => 1 },
  CreateTopics: {
    body: () => ({
      topics: ['a', 'b'].map((name) => ({
        name,
        numPartitions: 1,
        replicationFactor: 1,
        assignments: [],
        configs: [],
      })),
      timeoutMs: 0,
    }),
    errors: () => 2,
  },
  DeleteTopics: {
    body: (version) => ({
      ...(version < 6
        ? { topicNames: ['orders', 'payments'] }
        : { topics: [{ name: 'orders' }, { name: 'payments' }] }),
      timeoutMs: 0,
    }),
    errors: () => 2,
  },
}

describe('a request that is to fail', () => {
  test.each(Object.keys(requests))(
    '%s fails in each version for all that it asks for, once',
    async (name) => {
      const { body, errors } = requests[name] as (typeof requests)[string]
      await using cluster = await startTestCluster({
        topics: [{ name: 'orders', partitions: 2 }, 'payments'],
      })
      const client = await WireClient.connect(cluster.bootstrap)
      const handler = [...handlers.values()].find(({ apiKey }) => apiOf(apiKey)?.name === name)
      const api = apiOf(handler?.apiKey ?? -1)
      if (handler === undefined || api === undefined) throw new Error(`${name} is not served`)
      const declared = {
        request: api.request as unknown as Message<unknown, object>,
        response: api.response as unknown as Message<object, never>,
      }
      for (let version = handler.minVersion; version <= handler.maxVersion; version++) {
        const fault = cluster.failNext(name, 'POLICY_VIOLATION')
        expect(fault.isUsed).toBe(false)
        const response = await client.ask(declared, body(version), version)
        expect(fault.isUsed).toBe(true)
        const told = codesIn(response).filter((code) => code === errorCodes.POLICY_VIOLATION)
        expect([version, told.length]).toEqual([version, errors(version)])
      }
      expect(cluster.broker.view.topics.size).toBe(2)
      expect(await cluster.records('orders')).toEqual([])
      const later = await client.ask(declared, body(handler.maxVersion), handler.maxVersion)
      expect(codesIn(later)).not.toContain(errorCodes.POLICY_VIOLATION)
    },
  )

  test('leaves the brokers in Metadata', async () => {
    await using cluster = await startTestCluster({ topics: ['orders'] })
    const client = await WireClient.connect(cluster.bootstrap)
    cluster.failNext('metadata', 'LEADER_NOT_AVAILABLE')
    const response = await client.ask(metadata, { topics: null })
    expect(response?.brokers).toHaveLength(1)
    expect(response?.topics).toMatchObject([{ errorCode: errorCodes.LEADER_NOT_AVAILABLE, partitions: [] }])
  })

  test('is disconnected where nobody waits for an answer', async () => {
    await using cluster = await startTestCluster({ topics: ['orders'] })
    const client = await WireClient.connect(cluster.bootstrap)
    cluster.failNext('Produce', 'NOT_LEADER_OR_FOLLOWER')
    void client.ask(produce, produceWith(0, 0), 9)
    await client.closed
    expect(await cluster.records('orders')).toEqual([])
  })

  test('is asked for by names and keys that there are', async () => {
    await using cluster = await startTestCluster()
    expect(() => cluster.failNext('Fetsh', 'NONE')).toThrow('did you mean Fetch?')
    expect(() => cluster.failNext(999, 'NONE')).toThrow('there is no API 999')
    expect(() => cluster.failNext('Fetch', 'NOT_LEADER' as 'NONE')).toThrow('there is no error NOT_LEADER')
    expect(() => cluster.failNext('DescribeConfigs', 'NOT_CONTROLLER')).toThrow('use disconnectNext')
    expect(() => cluster.delayNext('Fetch', Number.NaN)).toThrow(RangeError)
  })
})

test('faults of one API are met with in order, unless they are taken back', async () => {
  await using cluster = await startTestCluster()
  const client = await WireClient.connect(cluster.bootstrap)
  const first = cluster.failNext('Heartbeat', 'REBALANCE_IN_PROGRESS')
  const second = cluster.failNext(12, 'ILLEGAL_GENERATION')
  const third = cluster.failNext('Heartbeat', 'FENCED_INSTANCE_ID')
  second.cancel()
  second.cancel()
  const codes = [1, 2, 3].map(async () => (await client.ask(heartbeat, beat))?.errorCode)
  await Promise.all([first.used, third.used])
  expect(await Promise.all(codes)).toEqual([
    errorCodes.REBALANCE_IN_PROGRESS,
    errorCodes.FENCED_INSTANCE_ID,
    errorCodes.NOT_COORDINATOR,
  ])
  expect([first, second, third].map(({ isUsed }) => isUsed)).toEqual([true, false, true])
})

test('a request that is held back is handled when its time has come, those behind it later', async () => {
  const clock = new ManualClock()
  await using cluster = await startTestCluster({ topics: ['orders'], clock })
  const client = await WireClient.connect(cluster.bootstrap)
  const fault = cluster.delayNext('Produce', 1000)
  const answers = [0, 0].map((index) => client.ask(produce, produceWith(1, index), 9))
  await fault.used
  expect(await cluster.records('orders')).toEqual([])
  await clock.runFor(1000)
  const offsets = (await Promise.all(answers)).map(
    (response) => response?.responses[0]?.partitionResponses[0]?.baseOffset,
  )
  expect(offsets).toEqual([0, 1])
})

test('a response that is dropped belongs to a request that had its effect', async () => {
  await using cluster = await startTestCluster({ topics: ['orders'] })
  const client = await WireClient.connect(cluster.bootstrap)
  const fault = cluster.dropNextResponse('Produce')
  let isAnswered = false
  void client.ask(produce, produceWith(-1, 0), 9).then(() => (isAnswered = true))
  const ask = { topics: [{ name: 'orders', partitions: [{ partitionIndex: 0, timestamp: -1 }] }] }
  const ends = await client.ask(listOffsets, { replicaId: -1, isolationLevel: 0, timeoutMs: 0, ...ask })
  expect(ends?.topics[0]?.partitions[0]?.offset).toBe(1)
  expect([fault.isUsed, isAnswered]).toEqual([true, false])
})

test('a request that is to end its connection does so, without effect', async () => {
  await using cluster = await startTestCluster({ topics: ['orders'] })
  const client = await WireClient.connect(cluster.bootstrap)
  const bystander = await WireClient.connect(cluster.bootstrap)
  cluster.disconnectNext('Produce')
  expect(await client.ask(produce, produceWith(-1, 0), 9)).toBeUndefined()
  await client.closed
  expect(await cluster.records('orders')).toEqual([])
  expect((await bystander.ask(produce, produceWith(-1, 0), 9))?.responses).toHaveLength(1)
})

/** All error codes in a response, wherever they stand. */
function codesIn(value: unknown): number[] {
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) return []
  return Object.entries(value).flatMap(([name, inner]: [string, unknown]) =>
    name === 'errorCode' && typeof inner === 'number' ? [inner] : codesIn(inner),
  )
}

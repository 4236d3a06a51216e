import { describe, expect, test } from 'vitest'
import { Batch } from '../../../src/batch/batch.ts'
import { encodeBatch } from '../../../src/batch/encode-batch.ts'
import { iterateBatches } from '../../../src/batch/iterate-batches.ts'
import { ManualClock } from '../../../src/testing/manual-clock.ts'
import { memoryEnv } from '../../../src/testing/memory-env.ts'
import { errorCodes } from '../../../src/wire/error-codes.ts'
import { produceRequest, produceResponse } from '../../../src/wire/messages/00-produce.ts'
import { fetchRequest, type FetchRequestInput, fetchResponse } from '../../../src/wire/messages/01-fetch.ts'
import { listOffsetsRequest, listOffsetsResponse } from '../../../src/wire/messages/02-list-offsets.ts'
import { metadataRequest, metadataResponse } from '../../../src/wire/messages/03-metadata.ts'
import { deleteRecordsRequest, deleteRecordsResponse } from '../../../src/wire/messages/21-delete-records.ts'
import {
  initProducerIdRequest,
  initProducerIdResponse,
} from '../../../src/wire/messages/22-init-producer-id.ts'
import { openBroker, type TestBroker } from './open-broker.ts'

const produce = { request: produceRequest, response: produceResponse }
const fetch = { request: fetchRequest, response: fetchResponse }
const metadata = { request: metadataRequest, response: metadataResponse }
const listOffsets = { request: listOffsetsRequest, response: listOffsetsResponse }

/** Named topics go up to version 12 of both. */
const byName = { version: 12 }

async function makeTopic(tested: TestBroker, name = 'orders', partitionCount = 1): Promise<string> {
  const topic = await tested.broker.controller.createTopic({ name, partitionCount, replicationFactor: 1 })
  await tested.broker.replicas.settled()
  return topic.topicId
}

function batchOf(values: readonly string[], timestamp = 1000): Buffer {
  return encodeBatch(
    values.map((value) => ({ value, timestamp })),
    { now: 0 },
  )
}

async function send(tested: TestBroker, values: readonly string[], acks = -1, partition = 0) {
  const response = await tested.ask(
    produce,
    {
      acks,
      timeoutMs: 1000,
      topicData: [{ name: 'orders', partitionData: [{ index: partition, records: batchOf(values) }] }],
    },
    byName,
  )
  return response?.responses[0]?.partitionResponses[0]
}

function fetchOf(fetchOffset: number, more: Partial<FetchRequestInput> = {}): FetchRequestInput {
  return {
    maxWaitMs: 0,
    minBytes: 1,
    topics: [{ topic: 'orders', partitions: [{ partition: 0, fetchOffset, partitionMaxBytes: 1 << 20 }] }],
    forgottenTopicsData: [],
    ...more,
  }
}

function valuesIn(records: Buffer | null | undefined): string[] {
  return [...iterateBatches(records ?? Buffer.alloc(0))].flatMap((batch) =>
    [...batch.records()].map(({ value }) => String(value)),
  )
}

async function read(tested: TestBroker, fetchOffset: number) {
  const response = await tested.ask(fetch, fetchOf(fetchOffset), byName)
  return response?.responses[0]?.partitions[0]
}

describe('producing and fetching', () => {
  test('what was produced is fetched, with the offsets it was told', async () => {
    await using tested = await openBroker()
    await makeTopic(tested)
    expect(await send(tested, ['a', 'b'])).toMatchObject({ errorCode: 0, baseOffset: 0, logAppendTimeMs: -1 })
    expect(await send(tested, ['c'])).toMatchObject({ errorCode: 0, baseOffset: 2 })
    const partition = await read(tested, 0)
    expect(partition).toMatchObject({
      errorCode: 0,
      highWatermark: 3,
      lastStableOffset: 3,
      logStartOffset: 0,
    })
    expect(valuesIn(partition?.records)).toEqual(['a', 'b', 'c'])
  })

  test('a fetch from the middle of a batch gets the whole batch', async () => {
    await using tested = await openBroker()
    await makeTopic(tested)
    await send(tested, ['a', 'b', 'c'])
    expect(valuesIn((await read(tested, 1))?.records)).toEqual(['a', 'b', 'c'])
    expect(valuesIn((await read(tested, 3))?.records)).toEqual([])
    expect(await read(tested, 4)).toMatchObject({ errorCode: errorCodes.OFFSET_OUT_OF_RANGE })
  })

  test('topics go by their ids from version 13 on', async () => {
    await using tested = await openBroker()
    const topicId = await makeTopic(tested)
    const produced = await tested.ask(produce, {
      acks: 1,
      timeoutMs: 1000,
      topicData: [{ topicId, partitionData: [{ index: 0, records: batchOf(['a']) }] }],
    })
    expect(produced?.responses[0]).toMatchObject({ topicId, partitionResponses: [{ errorCode: 0 }] })
    const topics = [{ topicId, partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1000 }] }]
    const fetched = await tested.ask(fetch, fetchOf(0, { topics }))
    expect(valuesIn(fetched?.responses[0]?.partitions[0]?.records)).toEqual(['a'])
    const unknown = [{ ...topics[0], topicId: 'AAAAAAAAAAAAAAAAAAAAAQ' }] as typeof topics
    const missed = await tested.ask(fetch, fetchOf(0, { topics: unknown }))
    expect(missed?.responses[0]?.partitions[0]?.errorCode).toBe(errorCodes.UNKNOWN_TOPIC_ID)
  })

  test.each([
    ['an unknown topic', { name: 'none' }, {}, errorCodes.UNKNOWN_TOPIC_OR_PARTITION],
    ['an unknown partition', {}, { index: 7 }, errorCodes.UNKNOWN_TOPIC_OR_PARTITION],
    ['no batch', {}, { records: null }, errorCodes.INVALID_RECORD],
    [
      'two batches',
      {},
      { records: Buffer.concat([batchOf(['a']), batchOf(['b'])]) },
      errorCodes.INVALID_RECORD,
    ],
    ['a damaged batch', {}, { records: batchOf(['a']).fill(7, 62) }, errorCodes.CORRUPT_MESSAGE],
    ['a topic of the broker', { name: '__consumer_offsets' }, {}, errorCodes.INVALID_TOPIC_EXCEPTION],
  ])('%s is refused', async (_, topic, partition, errorCode) => {
    await using tested = await openBroker()
    await makeTopic(tested)
    const response = await tested.ask(
      produce,
      {
        acks: 1,
        timeoutMs: 1000,
        topicData: [
          { name: 'orders', partitionData: [{ index: 0, records: batchOf(['a']), ...partition }], ...topic },
        ],
      },
      byName,
    )
    expect(response?.responses[0]?.partitionResponses[0]?.errorCode).toBe(errorCode)
    expect((await read(tested, 0))?.highWatermark).toBe(0)
  })

  test('acks=0 is answered by silence, and by the end of the connection when it fails', async () => {
    await using tested = await openBroker()
    await makeTopic(tested)
    expect(await send(tested, ['a'], 0)).toBeUndefined()
    expect(valuesIn((await read(tested, 0))?.records)).toEqual(['a'])
    await expect(send(tested, ['a'], 0, 9)).rejects.toThrow('acks=0')
  })

  test('too few replicas in sync refuse acks=all, and not acks=1', async () => {
    await using tested = await openBroker({ properties: { 'min.insync.replicas': '2' } })
    await makeTopic(tested)
    // One replica is all the topic has, so one is enough: min.insync.replicas is bounded by that.
    expect(await send(tested, ['a'])).toMatchObject({ errorCode: 0 })
  })

  test('the limit of a response leaves at least one batch, and no part of another', async () => {
    await using tested = await openBroker()
    await makeTopic(tested)
    const big = 'x'.repeat(500)
    for (let count = 0; count < 4; count++) await send(tested, [big])
    const few = await tested.ask(fetch, fetchOf(0, { maxBytes: 10 }), byName)
    expect(valuesIn(few?.responses[0]?.partitions[0]?.records)).toHaveLength(1)
    const some = await tested.ask(fetch, fetchOf(0, { maxBytes: 1300 }), byName)
    const records = some?.responses[0]?.partitions[0]?.records ?? Buffer.alloc(0)
    expect(valuesIn(records)).toHaveLength(2)
    expect(new Batch(records).sizeBytes * 2).toBe(records.length)
  })
})

describe('a fetch that waits', () => {
  test('is answered by the append it waits for', async () => {
    await using tested = await openBroker()
    await makeTopic(tested)
    const waiting = tested.ask(fetch, fetchOf(0, { maxWaitMs: 10_000 }), byName)
    await send(tested, ['a'])
    expect(valuesIn((await waiting)?.responses[0]?.partitions[0]?.records)).toEqual(['a'])
    expect(tested.broker.timers.count).toBe(0)
  })

  test('waits for as many bytes as it wants, or for its time', async () => {
    await using tested = await openBroker()
    await makeTopic(tested)
    let answered = false
    const waiting = tested
      .ask(fetch, fetchOf(0, { maxWaitMs: 10_000, minBytes: 100_000 }), byName)
      .finally(() => {
        answered = true
      })
    await send(tested, ['a'])
    await tested.clock.runFor(9_000)
    expect(answered).toBe(false)
    await tested.clock.runFor(1_001)
    expect(valuesIn((await waiting)?.responses[0]?.partitions[0]?.records)).toEqual(['a'])
  })

  test('is answered by the append that makes it enough', async () => {
    await using tested = await openBroker()
    await makeTopic(tested)
    const value = 'x'.repeat(500)
    const waiting = tested.ask(fetch, fetchOf(0, { maxWaitMs: 10_000, minBytes: 1000 }), byName)
    await send(tested, [value])
    await send(tested, [value])
    expect(valuesIn((await waiting)?.responses[0]?.partitions[0]?.records)).toEqual([value, value])
  })

  test('is answered when its topic is deleted', async () => {
    await using tested = await openBroker()
    await makeTopic(tested)
    const waiting = tested.ask(fetch, fetchOf(0, { maxWaitMs: 10_000 }), byName)
    await tested.broker.controller.deleteTopic('orders')
    expect((await waiting)?.responses[0]?.partitions[0]?.errorCode).toBe(
      errorCodes.UNKNOWN_TOPIC_OR_PARTITION,
    )
  })

  test('ends when nobody waits for it any more', async () => {
    await using tested = await openBroker()
    await makeTopic(tested)
    const gone = new AbortController()
    const waiting = tested.ask(fetch, fetchOf(0, { maxWaitMs: 10_000 }), { ...byName, signal: gone.signal })
    gone.abort()
    await waiting
    expect(tested.broker.timers.count).toBe(0)
  })
})

describe('a fetch session', () => {
  test('tells only what is new', async () => {
    await using tested = await openBroker()
    await makeTopic(tested, 'orders', 3)
    const topics = [
      {
        topic: 'orders',
        partitions: [0, 1, 2].map((partition) => ({ partition, fetchOffset: 0, partitionMaxBytes: 1000 })),
      },
    ]
    const full = await tested.ask(fetch, fetchOf(0, { sessionEpoch: 0, topics }), byName)
    const sessionId = full?.sessionId ?? 0
    expect(sessionId).toBeGreaterThan(0)
    expect(full?.responses[0]?.partitions).toHaveLength(3)
    const empty = { sessionId, topics: [] }
    const idle = await tested.ask(fetch, fetchOf(0, { ...empty, sessionEpoch: 1 }), byName)
    expect(idle?.responses).toEqual([])
    await send(tested, ['a'], 1, 1)
    const news = await tested.ask(fetch, fetchOf(0, { ...empty, sessionEpoch: 2 }), byName)
    expect(news?.responses[0]?.partitions.map(({ partitionIndex }) => partitionIndex)).toEqual([1])
    const stale = await tested.ask(fetch, fetchOf(0, { ...empty, sessionEpoch: 2 }), byName)
    expect(stale?.errorCode).toBe(errorCodes.INVALID_FETCH_SESSION_EPOCH)
    const forgotten = await tested.ask(
      fetch,
      fetchOf(0, {
        ...empty,
        sessionEpoch: 3,
        forgottenTopicsData: [{ topic: 'orders', partitions: [1] }],
      }),
      byName,
    )
    expect(forgotten?.responses).toEqual([])
    await tested.ask(fetch, fetchOf(0, { sessionId, sessionEpoch: -1 }), byName)
    const ended = await tested.ask(fetch, fetchOf(0, { ...empty, sessionEpoch: 4 }), byName)
    expect(ended?.errorCode).toBe(errorCodes.FETCH_SESSION_ID_NOT_FOUND)
  })
})

describe('looking up', () => {
  test('offsets by their time and place', async () => {
    await using tested = await openBroker()
    await makeTopic(tested)
    for (const [index, timestamp] of [1000, 3000, 2000].entries()) {
      const records = batchOf([String(index)], timestamp)
      await tested.ask(
        produce,
        { acks: 1, timeoutMs: 0, topicData: [{ name: 'orders', partitionData: [{ index: 0, records }] }] },
        byName,
      )
    }
    const at = async (timestamp: number) => {
      const response = await tested.ask(listOffsets, {
        replicaId: -1,
        isolationLevel: 0,
        topics: [{ name: 'orders', partitions: [{ partitionIndex: 0, timestamp }] }],
        timeoutMs: 0,
      })
      const found = response?.topics[0]?.partitions[0]
      return [found?.errorCode, found?.offset, found?.timestamp]
    }
    expect(await at(-1)).toEqual([0, 3, -1])
    expect(await at(-2)).toEqual([0, 0, -1])
    expect(await at(-3)).toEqual([0, 1, 3000])
    expect(await at(1001)).toEqual([0, 1, 3000])
    expect(await at(3001)).toEqual([0, -1, -1])
    expect(await at(-99)).toEqual([errorCodes.UNSUPPORTED_VERSION, -1, -1])
  })

  test.each([1, 3, 4, 11])(
    'an offset is told in version %d, with the leader epoch from 4 on',
    async (version) => {
      await using tested = await openBroker()
      await makeTopic(tested)
      await send(tested, ['a'])
      const topics = [{ name: 'orders', partitions: [{ partitionIndex: 0, timestamp: -1 }] }]
      const response = await tested.ask(listOffsets, { replicaId: -1, topics }, { version })
      const leaderEpoch = version < 4 ? -1 : 0
      expect(response?.topics[0]?.partitions[0]).toMatchObject({ errorCode: 0, offset: 1, leaderEpoch })
    },
  )

  test('metadata makes a topic that is asked for, and names its leader at once', async () => {
    await using tested = await openBroker({ properties: { 'num.partitions': '2' } })
    const response = await tested.ask(metadata, { topics: [{ name: 'fresh' }, { name: 'not valid' }] })
    expect(response?.brokers).toEqual([{ nodeId: 1, host: '127.0.0.1', port: 9092, rack: null }])
    expect(response?.controllerId).toBe(1)
    expect(response?.topics[0]).toMatchObject({ errorCode: 0, name: 'fresh', isInternal: false })
    expect(response?.topics[0]?.partitions.map(({ leaderId }) => leaderId)).toEqual([1, 1])
    expect(response?.topics[1]).toMatchObject({ errorCode: errorCodes.INVALID_TOPIC_EXCEPTION })
    const all = await tested.ask(metadata, { topics: null })
    expect(all?.topics.map(({ name }) => name)).toEqual(['fresh'])
    const topicId = all?.topics[0]?.topicId ?? ''
    const byId = await tested.ask(metadata, { topics: [{ topicId, name: null }] })
    expect(byId?.topics[0]).toMatchObject({ errorCode: 0, name: 'fresh' })
    const refused = await tested.ask(metadata, { topics: [{ name: 'other' }], allowAutoTopicCreation: false })
    expect(refused?.topics[0]?.errorCode).toBe(errorCodes.UNKNOWN_TOPIC_OR_PARTITION)
  })
})

test('records are deleted up to the high watermark, and no further', async () => {
  await using tested = await openBroker()
  await makeTopic(tested)
  await send(tested, ['a', 'b', 'c'])
  const remove = async (offset: number) => {
    const response = await tested.ask(
      { request: deleteRecordsRequest, response: deleteRecordsResponse },
      { topics: [{ name: 'orders', partitions: [{ partitionIndex: 0, offset }] }], timeoutMs: 0 },
    )
    return response?.topics[0]?.partitions[0]
  }
  expect(await remove(4)).toMatchObject({ errorCode: errorCodes.OFFSET_OUT_OF_RANGE })
  expect(await remove(2)).toMatchObject({ errorCode: 0, lowWatermark: 2 })
  expect(await read(tested, 1)).toMatchObject({
    errorCode: errorCodes.OFFSET_OUT_OF_RANGE,
    logStartOffset: 2,
  })
  expect(await remove(-1)).toMatchObject({ errorCode: 0, lowWatermark: 3 })
})

test('producer ids are given out once, also over restarts', async () => {
  const declared = { request: initProducerIdRequest, response: initProducerIdResponse }
  const first = await openBroker()
  const ids: (number | undefined)[] = []
  const take = async (tested: TestBroker) =>
    ids.push((await tested.ask(declared, { transactionalId: null, transactionTimeoutMs: 0 }))?.producerId)
  await take(first)
  await take(first)
  const second = await openBroker({ env: first.env.kill() })
  await take(second)
  await second.broker.close()
  expect(new Set(ids).size).toBe(3)
  expect(ids).not.toContain(-1)
})

describe('a restart', () => {
  test('keeps topics, records and the cluster id, and knows whether it was stopped', async () => {
    const first = await openBroker()
    await makeTopic(first, 'orders', 2)
    await send(first, ['a'])
    const { clusterId } = first.broker
    await first.broker.close()
    await using second = await openBroker({ env: first.env })
    expect(second.broker.clusterId).toBe(clusterId)
    expect(second.broker.opening).toMatchObject({ wasStoppedCleanly: true, partitionCount: 2, recovered: [] })
    expect(second.broker.view.partition('orders', 0)?.leaderEpoch).toBe(0)
    expect(valuesIn((await read(second, 0))?.records)).toEqual(['a'])
  })

  test('after a power cut has all that was acknowledged, in a new leader epoch', async () => {
    const first = await openBroker()
    await makeTopic(first)
    await send(first, ['a'])
    await using second = await openBroker({ env: first.env.crash() })
    expect(second.broker.opening.wasStoppedCleanly).toBe(false)
    expect(valuesIn((await read(second, 0))?.records)).toEqual(['a'])
    expect(second.broker.view.partition('orders', 0)?.leaderEpoch).toBe(1)
    expect(await send(second, ['b'])).toMatchObject({ baseOffset: 1 })
  })

  test('fences a damaged partition and serves the others', async () => {
    const first = await openBroker()
    await makeTopic(first, 'orders', 2)
    for (const partition of [0, 1]) await send(first, ['a', 'b'], -1, partition)
    await first.broker.close()
    const path = '/data/orders-0/00000000000000000000.log'
    const file = first.env.files.openSync(path, 'write')
    file.writevSync([Buffer.from('damage')], 70)
    file.closeSync()
    await using second = await openBroker({ env: first.env })
    expect(second.broker.opening.fenced.map(({ partition }) => partition)).toEqual(['orders-0'])
    expect(await send(second, ['c'])).toMatchObject({ errorCode: errorCodes.KAFKA_STORAGE_ERROR })
    expect(await send(second, ['c'], 1, 1)).toMatchObject({ errorCode: 0, baseOffset: 2 })
  })

  test('does not show the records of a deleted topic in another one of its name', async () => {
    const first = await openBroker()
    const topicId = await makeTopic(first)
    await send(first, ['old'])
    await first.broker.controller.deleteTopic('orders')
    expect(await makeTopic(first)).not.toBe(topicId)
    expect(valuesIn((await read(first, 0))?.records)).toEqual([])
    await first.broker.close()
    expect(first.env.files.listSync('/data').filter((name) => name.endsWith('-delete'))).toEqual([])
  })

  test('takes over the topics of a data directory that has no metadata of ours', async () => {
    const first = await openBroker()
    const topicId = await makeTopic(first, 'orders', 2)
    await send(first, ['a'])
    await first.broker.close()
    first.env.files.removeDirectorySync('/data/__tidemark_metadata-0')
    await using second = await openBroker({ env: first.env })
    expect(second.broker.opening.adopted).toEqual(['orders'])
    expect(second.broker.view.topics.get('orders')).toMatchObject({ topicId })
    // Its settings are lost with the metadata, so nothing may go before somebody says so.
    expect(second.broker.replicas.get('orders', 0).log.state.config.retentionMs).toBe(Infinity)
    expect(valuesIn((await read(second, 0))?.records)).toEqual(['a'])
  })
})

test('a full disk refuses appends, lets reads and deletions go on, and takes appends again when there is room', async () => {
  const env = memoryEnv({ seed: 1, clock: new ManualClock(), capacityBytes: 4 * 1024 * 1024 })
  await using tested = await openBroker({ env })
  await makeTopic(tested, 'orders', 2)
  const big = 'x'.repeat(200_000)
  let stored = 0
  for (; stored < 100; stored++) if ((await send(tested, [big]))?.errorCode !== 0) break
  expect(stored).toBeGreaterThan(5)
  expect(stored).toBeLessThan(20)
  expect(await send(tested, [big])).toMatchObject({ errorCode: errorCodes.KAFKA_STORAGE_ERROR })
  expect((await read(tested, stored - 1))?.highWatermark).toBe(stored)
  await tested.broker.replicas.get('orders', 0).deleteRecords(-1)
  await tested.broker.replicas.get('orders', 0).log.applyRetention()
  await tested.clock.runFor(120_000)
  expect(await send(tested, [big])).toMatchObject({ errorCode: 0, baseOffset: stored })
})

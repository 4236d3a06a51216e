import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { crc32cRange } from '../../../native-free/crc32c.ts'
import { encodeBatch, type EncodeOptions } from '../../../src/batch/encode-batch.ts'
import { attributesPosition, crcPosition, recordBatchOverhead } from '../../../src/batch/format.ts'
import { errorName } from '../../../src/wire/error-codes.ts'
import { produceRequest, produceResponse } from '../../../src/wire/messages/00-produce.ts'
import { fetchRequest, fetchResponse } from '../../../src/wire/messages/01-fetch.ts'
import { listOffsetsRequest, listOffsetsResponse } from '../../../src/wire/messages/02-list-offsets.ts'
import { metadataRequest, metadataResponse } from '../../../src/wire/messages/03-metadata.ts'
import { createTopicsRequest, createTopicsResponse } from '../../../src/wire/messages/19-create-topics.ts'
import { deleteTopicsRequest, deleteTopicsResponse } from '../../../src/wire/messages/20-delete-topics.ts'
import { deleteRecordsRequest, deleteRecordsResponse } from '../../../src/wire/messages/21-delete-records.ts'
import {
  initProducerIdRequest,
  initProducerIdResponse,
} from '../../../src/wire/messages/22-init-producer-id.ts'
import {
  describeConfigsRequest,
  describeConfigsResponse,
} from '../../../src/wire/messages/32-describe-configs.ts'
import {
  createPartitionsRequest,
  createPartitionsResponse,
} from '../../../src/wire/messages/37-create-partitions.ts'
import { electLeadersRequest, electLeadersResponse } from '../../../src/wire/messages/43-elect-leaders.ts'
import { offsetDeleteRequest, offsetDeleteResponse } from '../../../src/wire/messages/47-offset-delete.ts'
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

/** What Apache Kafka 4.3 answers in corners where there was nothing to go by but Kafka itself. */

const topic = 'there'
const timeoutMs = 1000
let tested: TestBroker

beforeAll(async () => {
  tested = await openBroker({ properties: { 'auto.create.topics.enable': 'false' } })
  await create(topic)
})
afterAll(() => tested[Symbol.asyncDispose]())

async function create(...names: readonly string[]) {
  const topics = names.map((name) => ({
    ...{ name, numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] },
  }))
  const declared = { request: createTopicsRequest, response: createTopicsResponse }
  return (await tested.ask(declared, { topics, timeoutMs, validateOnly: false }))?.topics ?? []
}

describe('produced', () => {
  const declared = { request: produceRequest, response: produceResponse }
  const plain = batch()

  function batch(options: Partial<EncodeOptions> = {}): Buffer {
    return encodeBatch([{ value: 'x' }], { now: 1000, ...options })
  }

  async function produce(records: Buffer) {
    const topicData = [{ name: topic, partitionData: [{ index: 0, records: Buffer.from(records) }] }]
    const answer = await tested.ask(declared, { acks: -1, timeoutMs, topicData }, { version: 12 })
    const partition = answer?.responses[0]?.partitionResponses[0]
    return [errorName(partition?.errorCode ?? -2), partition?.logStartOffset]
  }

  test('a base offset of its own is refused by the log, which is told of', async () => {
    expect(await produce(batch({ baseOffset: 7 }))).toEqual(['INVALID_RECORD', 0])
  })

  test.each([
    ['less than a batch', plain.subarray(0, 40)],
    ['less than a length', plain.subarray(0, 10)],
    ['something behind it', Buffer.concat([plain, Buffer.alloc(3)])],
    ['two', Buffer.concat([plain, plain])],
    ['of old', withByte(plain, 16, 1)],
  ])('%s is no batch that could be sent again', async (_what, records) => {
    expect(await produce(records)).toEqual(['INVALID_RECORD', -1])
  })

  test('what cannot be expanded under a checksum that fits was never right; without one it may be, sent again', async () => {
    const damaged = withByte(batch({ compression: 'gzip' }), recordBatchOverhead, 0)
    expect(await produce(damaged)).toEqual(['CORRUPT_MESSAGE', -1])
    damaged.writeUInt32BE(crc32cRange(damaged, attributesPosition, damaged.length), crcPosition)
    expect(await produce(damaged)).toEqual(['INVALID_RECORD', 0])
  })

  function withByte(bytes: Buffer, position: number, value: number): Buffer {
    const changed = Buffer.from(bytes)
    changed[position] = value
    return changed
  }
})

describe('fetched', () => {
  const declared = { request: fetchRequest, response: fetchResponse }

  async function fetch(asked: { fetchOffset: number; lastFetchedEpoch?: number }) {
    const partitions = [{ partition: 0, partitionMaxBytes: 1000, ...asked }]
    const body = { maxWaitMs: 0, minBytes: 0, topics: [{ topic, partitions }], forgottenTopicsData: [] }
    return (await tested.ask(declared, body, { version: 12 }))?.responses[0]?.partitions[0]
  }

  test('a leader epoch that there was none of is out of range (KIP-595)', async () => {
    expect(await fetch({ fetchOffset: 0, lastFetchedEpoch: 9 })).toMatchObject({ errorCode: 1 })
    expect(await fetch({ fetchOffset: 0, lastFetchedEpoch: 0 })).toMatchObject({ errorCode: 0 })
  })

  test('who has read of an epoch beyond its end is told where the log parts from that (KIP-595)', async () => {
    const answer = await fetch({ fetchOffset: 99, lastFetchedEpoch: 0 })
    expect(answer).toMatchObject({ errorCode: 0, divergingEpoch: { epoch: 0 } })
    expect(answer?.divergingEpoch.endOffset).toBeLessThan(99)
  })
})

describe('named more than once', () => {
  test('a partition whose offset is asked for is refused once', async () => {
    const partitions = [0, 0].map((partitionIndex) => ({ partitionIndex, timestamp: -1 }))
    const declared = { request: listOffsetsRequest, response: listOffsetsResponse }
    const body = { replicaId: -1, isolationLevel: 0, topics: [{ name: topic, partitions }], timeoutMs }
    const answer = await tested.ask(declared, body)
    expect(answer?.topics[0]?.partitions.map(({ errorCode }) => errorName(errorCode))).toEqual([
      'INVALID_REQUEST',
    ])
  })

  test('a topic is described once', async () => {
    const declared = { request: metadataRequest, response: metadataResponse }
    const topics = [{ name: topic }, { name: topic }]
    const body = { topics, allowAutoTopicCreation: false, includeTopicAuthorizedOperations: false }
    expect((await tested.ask(declared, body))?.topics).toHaveLength(1)
  })

  test('a topic to be deleted, by its id and by its name, is kept', async () => {
    const topicId = (await create('twice'))[0]?.topicId ?? zeroUuid
    const topics = [
      { name: null, topicId },
      { name: 'twice', topicId: zeroUuid },
    ]
    const declared = { request: deleteTopicsRequest, response: deleteTopicsResponse }
    const answer = await tested.ask(declared, { topics, timeoutMs })
    expect(answer?.responses).toMatchObject([{ name: 'twice', topicId, errorCode: 42 }])
    expect(tested.broker.view.topics.has('twice')).toBe(true)
  })

  test('a topic that is to grow stays as it is', async () => {
    const topics = [2, 3].map((count) => ({ name: topic, count, assignments: null }))
    const declared = { request: createPartitionsRequest, response: createPartitionsResponse }
    const answer = await tested.ask(declared, { topics, timeoutMs, validateOnly: false })
    expect(answer?.results).toMatchObject([{ name: topic, errorCode: 42 }])
    expect(tested.broker.view.topics.get(topic)?.partitions).toHaveLength(1)
  })
})

describe('asked for', () => {
  test('what may be done is everything, for nobody is kept from it (KIP-430)', async () => {
    const declared = { request: metadataRequest, response: metadataResponse }
    const included = { includeClusterAuthorizedOperations: true, includeTopicAuthorizedOperations: true }
    const body = { topics: [{ name: topic }], allowAutoTopicCreation: false, ...included }
    const answer = await tested.ask(declared, body, { version: 8 })
    expect(answer?.topics[0]?.topicAuthorizedOperations).toBe(3576)
    expect(answer?.clusterAuthorizedOperations).toBe(8096)
  })

  test('a topic by its id, too early, is refused with all that is in the request', async () => {
    const declared = { request: metadataRequest, response: metadataResponse }
    const topics = [{ name: null, topicId: 'abcdefghijklmnopqrstuA' }, { name: topic }]
    const body = { topics, allowAutoTopicCreation: false, includeTopicAuthorizedOperations: false }
    const asked = { ...body, includeClusterAuthorizedOperations: false }
    const answer = await tested.ask(declared, asked, { version: 10 })
    expect(answer).toMatchObject({ brokers: [], topics: [{ errorCode: 42 }, { errorCode: 42, name: topic }] })
  })

  test('a topic that is only tried has the configs that it would have', async () => {
    const given = [{ name: 'retention.ms', value: '7' }]
    const asked = { name: 'tried', numPartitions: 1, replicationFactor: 1, assignments: [], configs: given }
    const declared = { request: createTopicsRequest, response: createTopicsResponse }
    const answer = await tested.ask(declared, { topics: [asked], timeoutMs, validateOnly: true })
    expect(answer?.topics[0]?.configs).toContainEqual(
      expect.objectContaining({ name: 'retention.ms', value: '7', configSource: 1 }),
    )
  })

  test('the topic in which Kafka keeps its metadata is not made', async () => {
    expect(await create('__cluster_metadata')).toMatchObject([{ errorCode: 42, configs: [] }])
  })

  test('half an identity of a producer is refused', async () => {
    const declared = { request: initProducerIdRequest, response: initProducerIdResponse }
    const half = { transactionalId: null, transactionTimeoutMs: timeoutMs, producerId: 5 }
    expect(await tested.ask(declared, half)).toMatchObject({ errorCode: 42, producerId: -1 })
    expect(await tested.ask(declared, { ...half, producerEpoch: 1 })).toMatchObject({ errorCode: 0 })
  })

  test('an election of no known type is refused to each partition', async () => {
    const declared = { request: electLeadersRequest, response: electLeadersResponse }
    const topicPartitions = [{ topic, partitions: [0] }]
    const answer = await tested.ask(declared, { electionType: 7, topicPartitions, timeoutMs })
    expect(answer).toMatchObject({
      errorCode: 42,
      replicaElectionResults: [{ topic, partitionResult: [{ partitionId: 0, errorCode: 42 }] }],
    })
  })

  test('the records of the offsets topic are not deleted', async () => {
    await tested.broker.makeOffsetsTopic()
    const declared = { request: deleteRecordsRequest, response: deleteRecordsResponse }
    const topics = [{ name: '__consumer_offsets', partitions: [{ partitionIndex: 0, offset: 0 }] }]
    const answer = await tested.ask(declared, { topics, timeoutMs })
    expect(answer?.topics[0]?.partitions[0]?.errorCode).toBe(17)
  })

  test('an endpoint of a type that there is not', async () => {
    const declared = { request: describeClusterRequest, response: describeClusterResponse }
    const ask = async (endpointType: number) => {
      const body = { includeClusterAuthorizedOperations: true, endpointType, includeFencedBrokers: false }
      const { errorCode = -2, clusterAuthorizedOperations } = (await tested.ask(declared, body)) ?? {}
      return [errorName(errorCode), clusterAuthorizedOperations]
    }
    expect(await ask(1)).toEqual(['NONE', 8096])
    expect(await ask(2)).toEqual(['MISMATCHED_ENDPOINT_TYPE', -2147483648])
    expect(await ask(3)).toEqual(['UNSUPPORTED_ENDPOINT_TYPE', -2147483648])
  })

  test('configs of a name that no topic can have', async () => {
    const declared = { request: describeConfigsRequest, response: describeConfigsResponse }
    const resources = [{ resourceType: 2, resourceName: 'a b', configurationKeys: null }]
    expect((await tested.ask(declared, { resources }))?.results[0]?.errorCode).toBe(17)
  })

  test('offsets of partitions that there are not, to be deleted, whichever group it is', async () => {
    const declared = { request: offsetDeleteRequest, response: offsetDeleteResponse }
    const topics = [{ name: topic, partitions: [{ partitionIndex: 5 }] }]
    const answer = await tested.ask(declared, { groupId: 'none', topics })
    expect(answer).toMatchObject({ errorCode: 0, topics: [{ partitions: [{ errorCode: 3 }] }] })
  })

  test.each([
    ['a topic that is not asked for', { topicName: 'other', partitionIndex: 0 }],
    ['a negative partition', { topicName: topic, partitionIndex: -1 }],
  ])('a page that begins at %s', async (_what, cursor) => {
    const declared = { request: describeTopicPartitionsRequest, response: describeTopicPartitionsResponse }
    const answer = await tested.ask(declared, { topics: [{ name: topic }], cursor })
    expect(answer?.topics).toMatchObject([{ name: topic, errorCode: 42, partitions: [] }])
  })
})

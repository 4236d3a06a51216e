import { expect, test } from 'vitest'
import type { AnyMessage } from '../../../src/wire/api-keys.ts'
import { produceRequest } from '../../../src/wire/messages/00-produce.ts'
import { fetchRequest } from '../../../src/wire/messages/01-fetch.ts'
import { listOffsetsRequest } from '../../../src/wire/messages/02-list-offsets.ts'
import { metadataRequest, metadataResponse } from '../../../src/wire/messages/03-metadata.ts'
import { offsetCommitRequest, offsetCommitResponse } from '../../../src/wire/messages/08-offset-commit.ts'
import { offsetFetchRequest } from '../../../src/wire/messages/09-offset-fetch.ts'
import { deleteTopicsRequest } from '../../../src/wire/messages/20-delete-topics.ts'
import { createPartitionsRequest } from '../../../src/wire/messages/37-create-partitions.ts'
import { describeTopicPartitionsRequest } from '../../../src/wire/messages/75-describe-topic-partitions.ts'

/**
 * The bound on what a message may take in memory is for those who send nonsense. The largest messages that clients have
 * reason to send stay within it, in the version of the densest frames, with topics of one partition and of short names.
 */

const records = Buffer.alloc(70)
const shortNames = times(10_000, (index) => index.toString(36).padStart(3, 't'))
const topicIds = times(10_000, (index) => Buffer.alloc(16, `id of topic ${index}`).toString('base64url'))
const manyNames = times(100_000, (index) => `t${index}`)
const partitionIndexes = [0]
const committed = [{ partitionIndex: 0, committedOffset: 2 ** 40, committedMetadata: '' }]
const position = { currentLeaderEpoch: 5, fetchOffset: 2 ** 40, partitionMaxBytes: 1024 * 1024 }
const replicas = { leaderEpoch: 5, replicaNodes: [0], isrNodes: [0], offlineReplicas: [] }

test.each<readonly [string, AnyMessage, number, object]>([
  ['Metadata of 10,000 topics', metadataRequest, 9, { topics: shortNames.map(toNamed) }],
  [
    'DescribeTopicPartitions of 10,000',
    describeTopicPartitionsRequest,
    0,
    { topics: shortNames.map(toNamed) },
  ],
  ['DeleteTopics of 100,000', deleteTopicsRequest, 5, { topicNames: manyNames, timeoutMs: 1 }],
  [
    'OffsetFetch of 100,000 topics',
    offsetFetchRequest,
    9,
    { groups: [{ groupId: 'g', topics: manyNames.map((name) => ({ name, partitionIndexes })) }] },
  ],
  [
    'OffsetFetch of 100,000 partitions',
    offsetFetchRequest,
    9,
    {
      groups: [{ groupId: 'g', topics: [{ name: 't', partitionIndexes: times(100_000, (index) => index) }] }],
    },
  ],
  [
    'OffsetCommit of 100,000 topics',
    offsetCommitRequest,
    9,
    { groupId: 'g', topics: manyNames.map((name) => ({ name, partitions: committed })) },
  ],
  [
    'the response to it',
    offsetCommitResponse,
    9,
    { topics: manyNames.map((name) => ({ name, partitions: [{ partitionIndex: 0, errorCode: 0 }] })) },
  ],
  [
    'ListOffsets of 100,000 topics',
    listOffsetsRequest,
    10,
    {
      replicaId: -1,
      topics: manyNames.map((name) => ({ name, partitions: [{ partitionIndex: 0, timestamp: 2 ** 41 }] })),
    },
  ],
  [
    'Fetch of 10,000 topics',
    fetchRequest,
    17,
    {
      ...{ maxWaitMs: 500, minBytes: 1, forgottenTopicsData: [] },
      topics: topicIds.map((topicId) => ({ topicId, partitions: [{ partition: 0, ...position }] })),
    },
  ],
  [
    'Produce of 10,000 topics',
    produceRequest,
    9,
    {
      ...{ acks: -1, timeoutMs: 1 },
      topicData: shortNames.map((name) => ({ name, partitionData: [{ index: 0, records }] })),
    },
  ],
  [
    'CreatePartitions of 20,000 partitions, each with the broker that is to have it',
    createPartitionsRequest,
    3,
    {
      ...{ timeoutMs: 1, validateOnly: false },
      topics: [{ name: 't', count: 20_000, assignments: times(20_000, () => ({ brokerIds: [0] })) }],
    },
  ],
  [
    'the metadata of 100,000 topics without replicas',
    metadataResponse,
    9,
    {
      brokers: [],
      topics: manyNames.map((name) => ({
        ...{ errorCode: 0, name },
        partitions: [{ errorCode: 0, partitionIndex: 0, leaderId: 0, ...replicas }],
      })),
    },
  ],
])('%s', (_, message, version, value) => {
  const codec = message.at(version)
  const frame = codec.encode(value as never)
  expect(codec.encode(codec.decode(frame) as never).equals(frame)).toBe(true)
})

function toNamed(name: string): { readonly name: string } {
  return { name }
}

function times<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index))
}

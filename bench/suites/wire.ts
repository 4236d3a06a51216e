import { fetchRequest, fetchResponse, metadataResponse, produceRequest } from '../../src/wire/public.ts'
import type { Contestant } from '../rounds.ts'
import type { PreparedSuite, Suite } from '../suite.ts'
import { timed } from '../timing.ts'

const topicCount = 10
const partitionCount = 10
/** A batch of a producer, and what a consumer takes of a partition. */
const recordsBytes = 16 * 1024

const versions = { produce: 13, fetch: 17, metadata: 12 } as const

/** The codec of the protocol, on the messages that a broker handles most. */
export const wireSuite: Suite = {
  name: 'wire',
  about:
    `Messages of the protocol, decoded and encoded in memory: one partition with ${recordsBytes / 1024} KiB of records, ` +
    `${topicCount} topics of ${partitionCount} partitions, and the metadata of 100 topics of 3 partitions. ` +
    'Records are neither copied nor looked into.',
  prepare: (): PreparedSuite => ({
    contestants: [...produce(1, 1), ...produce(topicCount, partitionCount), ...fetches(), ...metadata()],
    claims: [],
  }),
}

function produce(topics: number, partitions: number): Contestant[] {
  const codec = produceRequest.at(versions.produce)
  const message = {
    acks: -1,
    timeoutMs: 30_000,
    topicData: topicIds(topics).map((topicId) => ({
      topicId,
      partitionData: range(partitions).map((index) => ({ index, records: Buffer.alloc(recordsBytes) })),
    })),
  }
  const frame = codec.encode(message)
  return [timed(`decode Produce ${topics} x ${partitions}`, 'ops/s', 1, () => codec.decode(frame))]
}

function fetches(): Contestant[] {
  return [...fetchRequests(), ...fetchResponses(1, 1), ...fetchResponses(topicCount, partitionCount)]
}

function fetchRequests(): Contestant[] {
  const codec = fetchRequest.at(versions.fetch)
  const partition = { fetchOffset: 1_234_567, partitionMaxBytes: 1 << 20 }
  const message = {
    maxWaitMs: 500,
    minBytes: 1,
    topics: topicIds(topicCount).map((topicId) => ({
      topicId,
      partitions: range(partitionCount).map((index) => ({ partition: index, ...partition })),
    })),
    forgottenTopicsData: [],
  }
  const frame = codec.encode(message)
  const label = `Fetch request ${topicCount} x ${partitionCount}`
  return [
    timed(`decode ${label}`, 'ops/s', 1, () => codec.decode(frame)),
    timed(`encode ${label}`, 'ops/s', 1, () => codec.encode(message)),
  ]
}

function fetchResponses(topics: number, partitions: number): Contestant[] {
  const codec = fetchResponse.at(versions.fetch)
  const position = {
    errorCode: 0,
    highWatermark: 1_234_567,
    lastStableOffset: 1_234_567,
    abortedTransactions: null,
  }
  const message = {
    responses: topicIds(topics).map((topicId) => ({
      topicId,
      partitions: range(partitions).map((partitionIndex) => ({
        partitionIndex,
        ...position,
        records: Buffer.alloc(recordsBytes),
      })),
    })),
  }
  const frame = codec.encode(message)
  const label = `Fetch response ${topics} x ${partitions}`
  return [
    timed(`encode ${label}`, 'ops/s', 1, () => codec.encodeChunks(message)),
    timed(`decode ${label}`, 'ops/s', 1, () => codec.decode(frame)),
  ]
}

function metadata(): Contestant[] {
  const codec = metadataResponse.at(versions.metadata)
  const replicas = { leaderEpoch: 5, replicaNodes: [0, 1, 2], isrNodes: [0, 1, 2], offlineReplicas: [] }
  const message = {
    brokers: range(3).map((nodeId) => ({ nodeId, host: `broker-${nodeId}.example.com`, port: 9092 })),
    topics: topicIds(100).map((topicId, index) => ({
      errorCode: 0,
      name: `topic-${index}`,
      topicId,
      partitions: range(3).map((partitionIndex) => ({
        errorCode: 0,
        partitionIndex,
        leaderId: partitionIndex,
        ...replicas,
      })),
    })),
  }
  const frame = codec.encode(message)
  return [
    timed('encode Metadata response 100 x 3', 'ops/s', 1, () => codec.encode(message)),
    timed('decode Metadata response 100 x 3', 'ops/s', 1, () => codec.decode(frame)),
  ]
}

function topicIds(count: number): string[] {
  return range(count).map((index) => Buffer.alloc(16, index + 1).toString('base64url'))
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index)
}

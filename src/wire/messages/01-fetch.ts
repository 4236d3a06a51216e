import { unlimited } from '../default-value.ts'
import { array, int16, int32, int64, int8, records, string, struct, uuid } from '../field.ts'
import { type Decoded, type Encodable, request, response } from '../message.ts'

/** Reads record batches from partitions, for consumers and followers; incremental within a session (KIP-227). */
export const fetchRequest = request(1, 'FetchRequest', '4-18, flexible 12+', {
  clusterId: string().nullable().since(12).tagged(0).ignorable().default(null),
  replicaId: int32().until(14).default(-1),
  replicaState: struct({
    replicaId: int32().default(-1),
    replicaEpoch: int64().default(-1),
  })
    .since(15)
    .tagged(1),
  maxWaitMs: int32(),
  minBytes: int32(),
  maxBytes: int32().ignorable().default(0x7fffffff),
  isolationLevel: int8().ignorable().default(0),
  sessionId: int32().since(7).ignorable().default(0),
  sessionEpoch: int32().since(7).ignorable().default(-1),
  topics: array({
    topic: string().until(12).ignorable(),
    topicId: uuid().since(13).ignorable(),
    partitions: array({
      partition: int32(),
      currentLeaderEpoch: int32().since(9).ignorable().default(-1),
      fetchOffset: int64(),
      lastFetchedEpoch: int32().since(12).default(-1),
      logStartOffset: int64().since(5).ignorable().default(-1),
      partitionMaxBytes: int32(),
      replicaDirectoryId: uuid().since(17).tagged(0).ignorable(),
      highWatermark: int64().since(18).tagged(1).ignorable().default(unlimited),
    }),
  }),
  forgottenTopicsData: array({
    topic: string().until(12).ignorable(),
    topicId: uuid().since(13).ignorable(),
    partitions: array(int32()),
  }).since(7),
  rackId: string().since(11).ignorable().default(''),
})

/** The answer to {@link fetchRequest}. */
export const fetchResponse = response(1, 'FetchResponse', '4-18, flexible 12+', {
  throttleTimeMs: int32().ignorable(),
  errorCode: int16().since(7).ignorable(),
  sessionId: int32().since(7).default(0),
  responses: array({
    topic: string().until(12).ignorable(),
    topicId: uuid().since(13).ignorable(),
    partitions: array({
      partitionIndex: int32(),
      errorCode: int16(),
      highWatermark: int64(),
      lastStableOffset: int64().ignorable().default(-1),
      logStartOffset: int64().since(5).ignorable().default(-1),
      divergingEpoch: struct({
        epoch: int32().default(-1),
        endOffset: int64().default(-1),
      })
        .since(12)
        .tagged(0),
      currentLeader: struct({
        leaderId: int32().default(-1),
        leaderEpoch: int32().default(-1),
      })
        .since(12)
        .tagged(1),
      snapshotId: struct({
        endOffset: int64().default(-1),
        epoch: int32().default(-1),
      })
        .since(12)
        .tagged(2),
      abortedTransactions: array({
        producerId: int64(),
        firstOffset: int64(),
      })
        .nullable()
        .ignorable(),
      preferredReadReplica: int32().since(11).default(-1),
      records: records().nullable(),
    }),
  }),
  nodeEndpoints: array({
    nodeId: int32(),
    host: string(),
    port: int32(),
    rack: string().nullable().default(null),
  })
    .since(16)
    .tagged(0),
})

/** The request, decoded. */
export type FetchRequest = Decoded<typeof fetchRequest>
/** The request, to be encoded. */
export type FetchRequestInput = Encodable<typeof fetchRequest>

/** The response, decoded. */
export type FetchResponse = Decoded<typeof fetchResponse>
/** The response, to be encoded. */
export type FetchResponseInput = Encodable<typeof fetchResponse>

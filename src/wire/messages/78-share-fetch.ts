import { array, bool, int16, int32, int64, int8, records, string, struct, uuid } from '../field.ts'
import { type Decoded, type Encodable, request, response } from '../message.ts'

/** Acquires records for a share group, and acknowledges earlier ones (KIP-932). */
export const shareFetchRequest = request(78, 'ShareFetchRequest', '1-2, flexible 1+', {
  groupId: string().nullable().default(null),
  memberId: string().nullable(),
  shareSessionEpoch: int32(),
  maxWaitMs: int32(),
  minBytes: int32(),
  maxBytes: int32().default(0x7fffffff),
  maxRecords: int32(),
  batchSize: int32(),
  shareAcquireMode: int8().since(2).ignorable().default(0),
  isRenewAck: bool().since(2).default(false),
  topics: array({
    topicId: uuid(),
    partitions: array({
      partitionIndex: int32(),
      acknowledgementBatches: array({
        firstOffset: int64(),
        lastOffset: int64(),
        acknowledgeTypes: array(int8()),
      }),
    }),
  }),
  forgottenTopicsData: array({
    topicId: uuid(),
    partitions: array(int32()),
  }),
})

/** The answer to {@link shareFetchRequest}. */
export const shareFetchResponse = response(78, 'ShareFetchResponse', '1-2, flexible 1+', {
  throttleTimeMs: int32(),
  errorCode: int16(),
  errorMessage: string().nullable().default(null),
  acquisitionLockTimeoutMs: int32(),
  responses: array({
    topicId: uuid(),
    partitions: array({
      partitionIndex: int32(),
      errorCode: int16(),
      errorMessage: string().nullable().default(null),
      acknowledgeErrorCode: int16(),
      acknowledgeErrorMessage: string().nullable().default(null),
      currentLeader: struct({
        leaderId: int32(),
        leaderEpoch: int32(),
      }),
      records: records(),
      acquiredRecords: array({
        firstOffset: int64(),
        lastOffset: int64(),
        deliveryCount: int16(),
      }),
    }),
  }),
  nodeEndpoints: array({
    nodeId: int32(),
    host: string(),
    port: int32(),
    rack: string().nullable().default(null),
  }),
})

/** The request, decoded. */
export type ShareFetchRequest = Decoded<typeof shareFetchRequest>
/** The request, to be encoded. */
export type ShareFetchRequestInput = Encodable<typeof shareFetchRequest>

/** The response, decoded. */
export type ShareFetchResponse = Decoded<typeof shareFetchResponse>
/** The response, to be encoded. */
export type ShareFetchResponseInput = Encodable<typeof shareFetchResponse>

import { array, bool, int16, int32, int64, int8, string, struct, uuid } from '../field.ts'
import { type Decoded, type Encodable, request, response } from '../message.ts'

/** Acknowledges records that a share group has acquired (KIP-932). */
export const shareAcknowledgeRequest = request(79, 'ShareAcknowledgeRequest', '1-2, flexible 1+', {
  groupId: string().nullable().default(null),
  memberId: string().nullable(),
  shareSessionEpoch: int32(),
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
})

/** The answer to {@link shareAcknowledgeRequest}. */
export const shareAcknowledgeResponse = response(79, 'ShareAcknowledgeResponse', '1-2, flexible 1+', {
  throttleTimeMs: int32(),
  errorCode: int16(),
  errorMessage: string().nullable().default(null),
  acquisitionLockTimeoutMs: int32().since(2).ignorable(),
  responses: array({
    topicId: uuid(),
    partitions: array({
      partitionIndex: int32(),
      errorCode: int16(),
      errorMessage: string().nullable().default(null),
      currentLeader: struct({
        leaderId: int32(),
        leaderEpoch: int32(),
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
export type ShareAcknowledgeRequest = Decoded<typeof shareAcknowledgeRequest>
/** The request, to be encoded. */
export type ShareAcknowledgeRequestInput = Encodable<typeof shareAcknowledgeRequest>

/** The response, decoded. */
export type ShareAcknowledgeResponse = Decoded<typeof shareAcknowledgeResponse>
/** The response, to be encoded. */
export type ShareAcknowledgeResponseInput = Encodable<typeof shareAcknowledgeResponse>

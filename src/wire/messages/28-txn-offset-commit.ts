import { array, int16, int32, int64, string } from '../field.ts'
import { type Decoded, type Encodable, request, response } from '../message.ts'

/** Commits offsets of a group within a transaction (KIP-98). */
export const txnOffsetCommitRequest = request(28, 'TxnOffsetCommitRequest', '0-5, flexible 3+', {
  transactionalId: string(),
  groupId: string(),
  producerId: int64(),
  producerEpoch: int16(),
  generationId: int32().since(3).default(-1),
  memberId: string().since(3).default(''),
  groupInstanceId: string().nullable().since(3).default(null),
  topics: array({
    name: string(),
    partitions: array({
      partitionIndex: int32(),
      committedOffset: int64(),
      committedLeaderEpoch: int32().since(2).ignorable().default(-1),
      committedMetadata: string().nullable(),
    }),
  }),
})

/** The answer to {@link txnOffsetCommitRequest}. */
export const txnOffsetCommitResponse = response(28, 'TxnOffsetCommitResponse', '0-5, flexible 3+', {
  throttleTimeMs: int32(),
  topics: array({
    name: string(),
    partitions: array({
      partitionIndex: int32(),
      errorCode: int16(),
    }),
  }),
})

/** The request, decoded. */
export type TxnOffsetCommitRequest = Decoded<typeof txnOffsetCommitRequest>
/** The request, to be encoded. */
export type TxnOffsetCommitRequestInput = Encodable<typeof txnOffsetCommitRequest>

/** The response, decoded. */
export type TxnOffsetCommitResponse = Decoded<typeof txnOffsetCommitResponse>
/** The response, to be encoded. */
export type TxnOffsetCommitResponseInput = Encodable<typeof txnOffsetCommitResponse>

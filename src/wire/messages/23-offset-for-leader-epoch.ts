import { array, int16, int32, int64, string } from '../field.ts'
import { type Decoded, type Encodable, request, response } from '../message.ts'

/** Asks where leader epochs end, so that truncation can be found (KIP-101, KIP-320). */
export const offsetForLeaderEpochRequest = request(23, 'OffsetForLeaderEpochRequest', '2-4, flexible 4+', {
  replicaId: int32().since(3).ignorable().default(-2),
  topics: array({
    topic: string(),
    partitions: array({
      partition: int32(),
      currentLeaderEpoch: int32().ignorable().default(-1),
      leaderEpoch: int32(),
    }),
  }),
})

/** The answer to {@link offsetForLeaderEpochRequest}. */
export const offsetForLeaderEpochResponse = response(23, 'OffsetForLeaderEpochResponse', '2-4, flexible 4+', {
  throttleTimeMs: int32().ignorable(),
  topics: array({
    topic: string(),
    partitions: array({
      errorCode: int16(),
      partition: int32(),
      leaderEpoch: int32().ignorable().default(-1),
      endOffset: int64().default(-1),
    }),
  }),
})

/** The request, decoded. */
export type OffsetForLeaderEpochRequest = Decoded<typeof offsetForLeaderEpochRequest>
/** The request, to be encoded. */
export type OffsetForLeaderEpochRequestInput = Encodable<typeof offsetForLeaderEpochRequest>

/** The response, decoded. */
export type OffsetForLeaderEpochResponse = Decoded<typeof offsetForLeaderEpochResponse>
/** The response, to be encoded. */
export type OffsetForLeaderEpochResponseInput = Encodable<typeof offsetForLeaderEpochResponse>

import { array, int16, int32, int64, int8, string } from '../field.ts'
import { type Decoded, type Encodable, request, response } from '../message.ts'

/** Finds offsets by timestamp, or the first, the last and other special ones (KIP-79). */
export const listOffsetsRequest = request(2, 'ListOffsetsRequest', '1-11, flexible 6+', {
  replicaId: int32(),
  isolationLevel: int8().since(2),
  topics: array({
    name: string(),
    partitions: array({
      partitionIndex: int32(),
      currentLeaderEpoch: int32().since(4).ignorable().default(-1),
      timestamp: int64(),
    }),
  }),
  timeoutMs: int32().since(10).ignorable(),
})

/** The answer to {@link listOffsetsRequest}. */
export const listOffsetsResponse = response(2, 'ListOffsetsResponse', '1-11, flexible 6+', {
  throttleTimeMs: int32().since(2).ignorable(),
  topics: array({
    name: string(),
    partitions: array({
      partitionIndex: int32(),
      errorCode: int16(),
      timestamp: int64().default(-1),
      offset: int64().default(-1),
      leaderEpoch: int32().since(4).default(-1),
    }),
  }),
})

/** The request, decoded. */
export type ListOffsetsRequest = Decoded<typeof listOffsetsRequest>
/** The request, to be encoded. */
export type ListOffsetsRequestInput = Encodable<typeof listOffsetsRequest>

/** The response, decoded. */
export type ListOffsetsResponse = Decoded<typeof listOffsetsResponse>
/** The response, to be encoded. */
export type ListOffsetsResponseInput = Encodable<typeof listOffsetsResponse>

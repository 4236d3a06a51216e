import { array, int16, int32, int64, int8, string, uuid } from '../field.ts'
import { type Decoded, type Encodable, request, response } from '../message.ts'

/** Reads the state of share partitions, at the share coordinator (KIP-932). */
export const readShareGroupStateRequest = request(84, 'ReadShareGroupStateRequest', '0, flexible 0+', {
  groupId: string(),
  topics: array({
    topicId: uuid(),
    partitions: array({
      partition: int32(),
      leaderEpoch: int32(),
    }),
  }),
})

/** The answer to {@link readShareGroupStateRequest}. */
export const readShareGroupStateResponse = response(84, 'ReadShareGroupStateResponse', '0, flexible 0+', {
  results: array({
    topicId: uuid(),
    partitions: array({
      partition: int32(),
      errorCode: int16(),
      errorMessage: string().nullable().default(null),
      stateEpoch: int32(),
      startOffset: int64(),
      stateBatches: array({
        firstOffset: int64(),
        lastOffset: int64(),
        deliveryState: int8(),
        deliveryCount: int16(),
      }),
    }),
  }),
})

/** The request, decoded. */
export type ReadShareGroupStateRequest = Decoded<typeof readShareGroupStateRequest>
/** The request, to be encoded. */
export type ReadShareGroupStateRequestInput = Encodable<typeof readShareGroupStateRequest>

/** The response, decoded. */
export type ReadShareGroupStateResponse = Decoded<typeof readShareGroupStateResponse>
/** The response, to be encoded. */
export type ReadShareGroupStateResponseInput = Encodable<typeof readShareGroupStateResponse>

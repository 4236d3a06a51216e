import { array, int16, int32, int64, int8, string, uuid } from '../field.ts'
import { type Decoded, type Encodable, request, response } from '../message.ts'

/** Writes the state of share partitions, at the share coordinator (KIP-932). */
export const writeShareGroupStateRequest = request(85, 'WriteShareGroupStateRequest', '0-1, flexible 0+', {
  groupId: string(),
  topics: array({
    topicId: uuid(),
    partitions: array({
      partition: int32(),
      stateEpoch: int32(),
      leaderEpoch: int32(),
      startOffset: int64(),
      deliveryCompleteCount: int32().since(1).ignorable().default(-1),
      stateBatches: array({
        firstOffset: int64(),
        lastOffset: int64(),
        deliveryState: int8(),
        deliveryCount: int16(),
      }),
    }),
  }),
})

/** The answer to {@link writeShareGroupStateRequest}. */
export const writeShareGroupStateResponse = response(85, 'WriteShareGroupStateResponse', '0-1, flexible 0+', {
  results: array({
    topicId: uuid(),
    partitions: array({
      partition: int32(),
      errorCode: int16(),
      errorMessage: string().nullable().default(null),
    }),
  }),
})

/** The request, decoded. */
export type WriteShareGroupStateRequest = Decoded<typeof writeShareGroupStateRequest>
/** The request, to be encoded. */
export type WriteShareGroupStateRequestInput = Encodable<typeof writeShareGroupStateRequest>

/** The response, decoded. */
export type WriteShareGroupStateResponse = Decoded<typeof writeShareGroupStateResponse>
/** The response, to be encoded. */
export type WriteShareGroupStateResponseInput = Encodable<typeof writeShareGroupStateResponse>

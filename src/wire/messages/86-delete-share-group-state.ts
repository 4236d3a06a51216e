import { array, int16, int32, string, uuid } from '../field.ts'
import { type Decoded, type Encodable, request, response } from '../message.ts'

/** Deletes the state of share partitions, at the share coordinator (KIP-932). */
export const deleteShareGroupStateRequest = request(86, 'DeleteShareGroupStateRequest', '0, flexible 0+', {
  groupId: string(),
  topics: array({
    topicId: uuid(),
    partitions: array({
      partition: int32(),
    }),
  }),
})

/** The answer to {@link deleteShareGroupStateRequest}. */
export const deleteShareGroupStateResponse = response(86, 'DeleteShareGroupStateResponse', '0, flexible 0+', {
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
export type DeleteShareGroupStateRequest = Decoded<typeof deleteShareGroupStateRequest>
/** The request, to be encoded. */
export type DeleteShareGroupStateRequestInput = Encodable<typeof deleteShareGroupStateRequest>

/** The response, decoded. */
export type DeleteShareGroupStateResponse = Decoded<typeof deleteShareGroupStateResponse>
/** The response, to be encoded. */
export type DeleteShareGroupStateResponseInput = Encodable<typeof deleteShareGroupStateResponse>

import { array, int16, int32, int64, string, uuid } from '../field.ts'
import { type Decoded, type Encodable, request, response } from '../message.ts'

/** Begins the state of share partitions, at the share coordinator (KIP-932). */
export const initializeShareGroupStateRequest = request(
  83,
  'InitializeShareGroupStateRequest',
  '0, flexible 0+',
  {
    groupId: string(),
    topics: array({
      topicId: uuid(),
      partitions: array({
        partition: int32(),
        stateEpoch: int32(),
        startOffset: int64(),
      }),
    }),
  },
)

/** The answer to {@link initializeShareGroupStateRequest}. */
export const initializeShareGroupStateResponse = response(
  83,
  'InitializeShareGroupStateResponse',
  '0, flexible 0+',
  {
    results: array({
      topicId: uuid(),
      partitions: array({
        partition: int32(),
        errorCode: int16(),
        errorMessage: string().nullable().default(null),
      }),
    }),
  },
)

/** The request, decoded. */
export type InitializeShareGroupStateRequest = Decoded<typeof initializeShareGroupStateRequest>
/** The request, to be encoded. */
export type InitializeShareGroupStateRequestInput = Encodable<typeof initializeShareGroupStateRequest>

/** The response, decoded. */
export type InitializeShareGroupStateResponse = Decoded<typeof initializeShareGroupStateResponse>
/** The response, to be encoded. */
export type InitializeShareGroupStateResponseInput = Encodable<typeof initializeShareGroupStateResponse>

import { array, int16, int32, string, uuid } from '../field.ts'
import { type Decoded, type Encodable, request, response } from '../message.ts'

/** Deletes where a share group begins in topics (KIP-932). */
export const deleteShareGroupOffsetsRequest = request(
  92,
  'DeleteShareGroupOffsetsRequest',
  '0, flexible 0+',
  {
    groupId: string(),
    topics: array({
      topicName: string(),
    }),
  },
)

/** The answer to {@link deleteShareGroupOffsetsRequest}. */
export const deleteShareGroupOffsetsResponse = response(
  92,
  'DeleteShareGroupOffsetsResponse',
  '0, flexible 0+',
  {
    throttleTimeMs: int32(),
    errorCode: int16(),
    errorMessage: string().nullable().default(null),
    responses: array({
      topicName: string(),
      topicId: uuid(),
      errorCode: int16(),
      errorMessage: string().nullable().default(null),
    }),
  },
)

/** The request, decoded. */
export type DeleteShareGroupOffsetsRequest = Decoded<typeof deleteShareGroupOffsetsRequest>
/** The request, to be encoded. */
export type DeleteShareGroupOffsetsRequestInput = Encodable<typeof deleteShareGroupOffsetsRequest>

/** The response, decoded. */
export type DeleteShareGroupOffsetsResponse = Decoded<typeof deleteShareGroupOffsetsResponse>
/** The response, to be encoded. */
export type DeleteShareGroupOffsetsResponseInput = Encodable<typeof deleteShareGroupOffsetsResponse>

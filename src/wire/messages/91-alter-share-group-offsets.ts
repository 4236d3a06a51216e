import { array, int16, int32, int64, string, uuid } from '../field.ts'
import { type Decoded, type Encodable, request, response } from '../message.ts'

/** Sets where a share group begins in partitions (KIP-932). */
export const alterShareGroupOffsetsRequest = request(91, 'AlterShareGroupOffsetsRequest', '0, flexible 0+', {
  groupId: string(),
  topics: array({
    topicName: string(),
    partitions: array({
      partitionIndex: int32(),
      startOffset: int64(),
    }),
  }),
})

/** The answer to {@link alterShareGroupOffsetsRequest}. */
export const alterShareGroupOffsetsResponse = response(
  91,
  'AlterShareGroupOffsetsResponse',
  '0, flexible 0+',
  {
    throttleTimeMs: int32(),
    errorCode: int16(),
    errorMessage: string().nullable().default(null),
    responses: array({
      topicName: string(),
      topicId: uuid(),
      partitions: array({
        partitionIndex: int32(),
        errorCode: int16(),
        errorMessage: string().nullable().default(null),
      }),
    }),
  },
)

/** The request, decoded. */
export type AlterShareGroupOffsetsRequest = Decoded<typeof alterShareGroupOffsetsRequest>
/** The request, to be encoded. */
export type AlterShareGroupOffsetsRequestInput = Encodable<typeof alterShareGroupOffsetsRequest>

/** The response, decoded. */
export type AlterShareGroupOffsetsResponse = Decoded<typeof alterShareGroupOffsetsResponse>
/** The response, to be encoded. */
export type AlterShareGroupOffsetsResponseInput = Encodable<typeof alterShareGroupOffsetsResponse>

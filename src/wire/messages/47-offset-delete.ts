import { array, int16, int32, string } from '../field.ts'
import { type Decoded, type Encodable, request, response } from '../message.ts'

/** Deletes committed offsets of a group (KIP-496). */
export const offsetDeleteRequest = request(47, 'OffsetDeleteRequest', '0', {
  groupId: string(),
  topics: array({
    name: string(),
    partitions: array({
      partitionIndex: int32(),
    }),
  }),
})

/** The answer to {@link offsetDeleteRequest}. */
export const offsetDeleteResponse = response(47, 'OffsetDeleteResponse', '0', {
  errorCode: int16(),
  throttleTimeMs: int32().ignorable(),
  topics: array({
    name: string(),
    partitions: array({
      partitionIndex: int32(),
      errorCode: int16(),
    }),
  }),
})

/** The request, decoded. */
export type OffsetDeleteRequest = Decoded<typeof offsetDeleteRequest>
/** The request, to be encoded. */
export type OffsetDeleteRequestInput = Encodable<typeof offsetDeleteRequest>

/** The response, decoded. */
export type OffsetDeleteResponse = Decoded<typeof offsetDeleteResponse>
/** The response, to be encoded. */
export type OffsetDeleteResponseInput = Encodable<typeof offsetDeleteResponse>

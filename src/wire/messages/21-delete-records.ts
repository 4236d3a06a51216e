import { array, int16, int32, int64, string } from '../field.ts'
import { type Decoded, type Encodable, request, response } from '../message.ts'

/** Deletes the records before an offset (KIP-107). */
export const deleteRecordsRequest = request(21, 'DeleteRecordsRequest', '0-2, flexible 2+', {
  topics: array({
    name: string(),
    partitions: array({
      partitionIndex: int32(),
      offset: int64(),
    }),
  }),
  timeoutMs: int32(),
})

/** The answer to {@link deleteRecordsRequest}. */
export const deleteRecordsResponse = response(21, 'DeleteRecordsResponse', '0-2, flexible 2+', {
  throttleTimeMs: int32(),
  topics: array({
    name: string(),
    partitions: array({
      partitionIndex: int32(),
      lowWatermark: int64(),
      errorCode: int16(),
    }),
  }),
})

/** The request, decoded. */
export type DeleteRecordsRequest = Decoded<typeof deleteRecordsRequest>
/** The request, to be encoded. */
export type DeleteRecordsRequestInput = Encodable<typeof deleteRecordsRequest>

/** The response, decoded. */
export type DeleteRecordsResponse = Decoded<typeof deleteRecordsResponse>
/** The response, to be encoded. */
export type DeleteRecordsResponseInput = Encodable<typeof deleteRecordsResponse>

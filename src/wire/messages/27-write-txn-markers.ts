import { array, bool, int16, int32, int64, int8, string } from '../field.ts'
import { type Decoded, type Encodable, request, response } from '../message.ts'

/** Has the end of transactions written to partitions, by the transaction coordinator. */
export const writeTxnMarkersRequest = request(27, 'WriteTxnMarkersRequest', '1-2, flexible 1+', {
  markers: array({
    producerId: int64(),
    producerEpoch: int16(),
    transactionResult: bool(),
    topics: array({
      name: string(),
      partitionIndexes: array(int32()),
    }),
    coordinatorEpoch: int32(),
    transactionVersion: int8().since(2).ignorable().default(0),
  }),
})

/** The answer to {@link writeTxnMarkersRequest}. */
export const writeTxnMarkersResponse = response(27, 'WriteTxnMarkersResponse', '1-2, flexible 1+', {
  markers: array({
    producerId: int64(),
    topics: array({
      name: string(),
      partitions: array({
        partitionIndex: int32(),
        errorCode: int16(),
      }),
    }),
  }),
})

/** The request, decoded. */
export type WriteTxnMarkersRequest = Decoded<typeof writeTxnMarkersRequest>
/** The request, to be encoded. */
export type WriteTxnMarkersRequestInput = Encodable<typeof writeTxnMarkersRequest>

/** The response, decoded. */
export type WriteTxnMarkersResponse = Decoded<typeof writeTxnMarkersResponse>
/** The response, to be encoded. */
export type WriteTxnMarkersResponseInput = Encodable<typeof writeTxnMarkersResponse>

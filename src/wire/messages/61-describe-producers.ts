import { array, int16, int32, int64, string } from '../field.ts'
import { type Decoded, type Encodable, request, response } from '../message.ts'

/** Asks for the active producers of partitions (KIP-664). */
export const describeProducersRequest = request(61, 'DescribeProducersRequest', '0, flexible 0+', {
  topics: array({
    name: string(),
    partitionIndexes: array(int32()),
  }),
})

/** The answer to {@link describeProducersRequest}. */
export const describeProducersResponse = response(61, 'DescribeProducersResponse', '0, flexible 0+', {
  throttleTimeMs: int32(),
  topics: array({
    name: string(),
    partitions: array({
      partitionIndex: int32(),
      errorCode: int16(),
      errorMessage: string().nullable().default(null),
      activeProducers: array({
        producerId: int64(),
        producerEpoch: int32(),
        lastSequence: int32().default(-1),
        lastTimestamp: int64().default(-1),
        coordinatorEpoch: int32(),
        currentTxnStartOffset: int64().default(-1),
      }),
    }),
  }),
})

/** The request, decoded. */
export type DescribeProducersRequest = Decoded<typeof describeProducersRequest>
/** The request, to be encoded. */
export type DescribeProducersRequestInput = Encodable<typeof describeProducersRequest>

/** The response, decoded. */
export type DescribeProducersResponse = Decoded<typeof describeProducersResponse>
/** The response, to be encoded. */
export type DescribeProducersResponseInput = Encodable<typeof describeProducersResponse>

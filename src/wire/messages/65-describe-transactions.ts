import { array, int16, int32, int64, string } from '../field.ts'
import { type Decoded, type Encodable, request, response } from '../message.ts'

/** Asks for the state of transactions (KIP-664). */
export const describeTransactionsRequest = request(65, 'DescribeTransactionsRequest', '0, flexible 0+', {
  transactionalIds: array(string()),
})

/** The answer to {@link describeTransactionsRequest}. */
export const describeTransactionsResponse = response(65, 'DescribeTransactionsResponse', '0, flexible 0+', {
  throttleTimeMs: int32(),
  transactionStates: array({
    errorCode: int16(),
    transactionalId: string(),
    transactionState: string(),
    transactionTimeoutMs: int32(),
    transactionStartTimeMs: int64(),
    producerId: int64(),
    producerEpoch: int16(),
    topics: array({
      topic: string(),
      partitions: array(int32()),
    }),
  }),
})

/** The request, decoded. */
export type DescribeTransactionsRequest = Decoded<typeof describeTransactionsRequest>
/** The request, to be encoded. */
export type DescribeTransactionsRequestInput = Encodable<typeof describeTransactionsRequest>

/** The response, decoded. */
export type DescribeTransactionsResponse = Decoded<typeof describeTransactionsResponse>
/** The response, to be encoded. */
export type DescribeTransactionsResponseInput = Encodable<typeof describeTransactionsResponse>

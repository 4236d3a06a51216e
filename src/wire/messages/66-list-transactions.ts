import { array, int16, int32, int64, string } from '../field.ts'
import { type Decoded, type Encodable, request, response } from '../message.ts'

/** Asks for the transactions that a broker coordinates (KIP-664). */
export const listTransactionsRequest = request(66, 'ListTransactionsRequest', '0-2, flexible 0+', {
  stateFilters: array(string()),
  producerIdFilters: array(int64()),
  durationFilter: int64().since(1).default(-1),
  transactionalIdPattern: string().nullable().since(2).default(null),
})

/** The answer to {@link listTransactionsRequest}. */
export const listTransactionsResponse = response(66, 'ListTransactionsResponse', '0-2, flexible 0+', {
  throttleTimeMs: int32(),
  errorCode: int16(),
  unknownStateFilters: array(string()),
  transactionStates: array({
    transactionalId: string(),
    producerId: int64(),
    transactionState: string(),
  }),
})

/** The request, decoded. */
export type ListTransactionsRequest = Decoded<typeof listTransactionsRequest>
/** The request, to be encoded. */
export type ListTransactionsRequestInput = Encodable<typeof listTransactionsRequest>

/** The response, decoded. */
export type ListTransactionsResponse = Decoded<typeof listTransactionsResponse>
/** The response, to be encoded. */
export type ListTransactionsResponseInput = Encodable<typeof listTransactionsResponse>

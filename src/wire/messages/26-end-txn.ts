import { bool, int16, int32, int64, string } from '../field.ts'
import { type Decoded, type Encodable, request, response } from '../message.ts'

/** Commits or aborts a transaction; bumps the epoch since version 5 (KIP-890). */
export const endTxnRequest = request(26, 'EndTxnRequest', '0-5, flexible 3+', {
  transactionalId: string(),
  producerId: int64(),
  producerEpoch: int16(),
  committed: bool(),
})

/** The answer to {@link endTxnRequest}. */
export const endTxnResponse = response(26, 'EndTxnResponse', '0-5, flexible 3+', {
  throttleTimeMs: int32(),
  errorCode: int16(),
  producerId: int64().since(5).ignorable().default(-1),
  producerEpoch: int16().since(5).ignorable().default(-1),
})

/** The request, decoded. */
export type EndTxnRequest = Decoded<typeof endTxnRequest>
/** The request, to be encoded. */
export type EndTxnRequestInput = Encodable<typeof endTxnRequest>

/** The response, decoded. */
export type EndTxnResponse = Decoded<typeof endTxnResponse>
/** The response, to be encoded. */
export type EndTxnResponseInput = Encodable<typeof endTxnResponse>

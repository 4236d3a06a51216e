import { int16, int32, int64, string } from '../field.ts'
import { type Decoded, type Encodable, request, response } from '../message.ts'

/** Adds the offsets of a group to a transaction (KIP-98). */
export const addOffsetsToTxnRequest = request(25, 'AddOffsetsToTxnRequest', '0-4, flexible 3+', {
  transactionalId: string(),
  producerId: int64(),
  producerEpoch: int16(),
  groupId: string(),
})

/** The answer to {@link addOffsetsToTxnRequest}. */
export const addOffsetsToTxnResponse = response(25, 'AddOffsetsToTxnResponse', '0-4, flexible 3+', {
  throttleTimeMs: int32(),
  errorCode: int16(),
})

/** The request, decoded. */
export type AddOffsetsToTxnRequest = Decoded<typeof addOffsetsToTxnRequest>
/** The request, to be encoded. */
export type AddOffsetsToTxnRequestInput = Encodable<typeof addOffsetsToTxnRequest>

/** The response, decoded. */
export type AddOffsetsToTxnResponse = Decoded<typeof addOffsetsToTxnResponse>
/** The response, to be encoded. */
export type AddOffsetsToTxnResponseInput = Encodable<typeof addOffsetsToTxnResponse>

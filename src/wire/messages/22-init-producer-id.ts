import { bool, int16, int32, int64, string } from '../field.ts'
import { type Decoded, type Encodable, request, response } from '../message.ts'

/** Gets a producer id and epoch, and ends what an earlier producer left unfinished (KIP-98, KIP-360). */
export const initProducerIdRequest = request(22, 'InitProducerIdRequest', '0-6, flexible 2+', {
  transactionalId: string().nullable(),
  transactionTimeoutMs: int32(),
  producerId: int64().since(3).default(-1),
  producerEpoch: int16().since(3).default(-1),
  enable2Pc: bool().since(6).default(false),
  keepPreparedTxn: bool().since(6).default(false),
})

/** The answer to {@link initProducerIdRequest}. */
export const initProducerIdResponse = response(22, 'InitProducerIdResponse', '0-6, flexible 2+', {
  throttleTimeMs: int32().ignorable(),
  errorCode: int16(),
  producerId: int64().default(-1),
  producerEpoch: int16(),
  ongoingTxnProducerId: int64().since(6).default(-1),
  ongoingTxnProducerEpoch: int16().since(6).default(-1),
})

/** The request, decoded. */
export type InitProducerIdRequest = Decoded<typeof initProducerIdRequest>
/** The request, to be encoded. */
export type InitProducerIdRequestInput = Encodable<typeof initProducerIdRequest>

/** The response, decoded. */
export type InitProducerIdResponse = Decoded<typeof initProducerIdResponse>
/** The response, to be encoded. */
export type InitProducerIdResponseInput = Encodable<typeof initProducerIdResponse>

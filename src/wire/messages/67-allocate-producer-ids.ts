import { int16, int32, int64 } from '../field.ts'
import { type Decoded, type Encodable, request, response } from '../message.ts'

/** Gets a block of producer ids from the controller (KIP-730). */
export const allocateProducerIdsRequest = request(67, 'AllocateProducerIdsRequest', '0, flexible 0+', {
  brokerId: int32(),
  brokerEpoch: int64().default(-1),
})

/** The answer to {@link allocateProducerIdsRequest}. */
export const allocateProducerIdsResponse = response(67, 'AllocateProducerIdsResponse', '0, flexible 0+', {
  throttleTimeMs: int32(),
  errorCode: int16(),
  producerIdStart: int64(),
  producerIdLen: int32(),
})

/** The request, decoded. */
export type AllocateProducerIdsRequest = Decoded<typeof allocateProducerIdsRequest>
/** The request, to be encoded. */
export type AllocateProducerIdsRequestInput = Encodable<typeof allocateProducerIdsRequest>

/** The response, decoded. */
export type AllocateProducerIdsResponse = Decoded<typeof allocateProducerIdsResponse>
/** The response, to be encoded. */
export type AllocateProducerIdsResponseInput = Encodable<typeof allocateProducerIdsResponse>

import { bytes, int16 } from '../field.ts'
import { type Decoded, type Encodable, request, response } from '../message.ts'

/** Carries the request of a client from a broker to the controller (KIP-590). */
export const envelopeRequest = request(58, 'EnvelopeRequest', '0, flexible 0+', {
  requestData: bytes(),
  requestPrincipal: bytes().nullable(),
  clientHostAddress: bytes(),
})

/** The answer to {@link envelopeRequest}. */
export const envelopeResponse = response(58, 'EnvelopeResponse', '0, flexible 0+', {
  responseData: bytes().nullable().default(null),
  errorCode: int16(),
})

/** The request, decoded. */
export type EnvelopeRequest = Decoded<typeof envelopeRequest>
/** The request, to be encoded. */
export type EnvelopeRequestInput = Encodable<typeof envelopeRequest>

/** The response, decoded. */
export type EnvelopeResponse = Decoded<typeof envelopeResponse>
/** The response, to be encoded. */
export type EnvelopeResponseInput = Encodable<typeof envelopeResponse>

import { bytes, int16, int64, string } from '../field.ts'
import { type Decoded, type Encodable, request, response } from '../message.ts'

/** Carries a step of a SASL exchange (KIP-152). */
export const saslAuthenticateRequest = request(36, 'SaslAuthenticateRequest', '0-2, flexible 2+', {
  authBytes: bytes(),
})

/** The answer to {@link saslAuthenticateRequest}. */
export const saslAuthenticateResponse = response(36, 'SaslAuthenticateResponse', '0-2, flexible 2+', {
  errorCode: int16(),
  errorMessage: string().nullable(),
  authBytes: bytes(),
  sessionLifetimeMs: int64().since(1).ignorable().default(0),
})

/** The request, decoded. */
export type SaslAuthenticateRequest = Decoded<typeof saslAuthenticateRequest>
/** The request, to be encoded. */
export type SaslAuthenticateRequestInput = Encodable<typeof saslAuthenticateRequest>

/** The response, decoded. */
export type SaslAuthenticateResponse = Decoded<typeof saslAuthenticateResponse>
/** The response, to be encoded. */
export type SaslAuthenticateResponseInput = Encodable<typeof saslAuthenticateResponse>

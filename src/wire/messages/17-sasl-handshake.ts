import { array, int16, string } from '../field.ts'
import { type Decoded, type Encodable, request, response } from '../message.ts'

/** Names the SASL mechanism that is to follow (KIP-43). */
export const saslHandshakeRequest = request(17, 'SaslHandshakeRequest', '0-1', {
  mechanism: string(),
})

/** The answer to {@link saslHandshakeRequest}. */
export const saslHandshakeResponse = response(17, 'SaslHandshakeResponse', '0-1', {
  errorCode: int16(),
  mechanisms: array(string()),
})

/** The request, decoded. */
export type SaslHandshakeRequest = Decoded<typeof saslHandshakeRequest>
/** The request, to be encoded. */
export type SaslHandshakeRequestInput = Encodable<typeof saslHandshakeRequest>

/** The response, decoded. */
export type SaslHandshakeResponse = Decoded<typeof saslHandshakeResponse>
/** The response, to be encoded. */
export type SaslHandshakeResponseInput = Encodable<typeof saslHandshakeResponse>

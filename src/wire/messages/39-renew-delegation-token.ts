import { bytes, int16, int32, int64 } from '../field.ts'
import { type Decoded, type Encodable, request, response } from '../message.ts'

/** Renews a delegation token (KIP-48). */
export const renewDelegationTokenRequest = request(39, 'RenewDelegationTokenRequest', '1-2, flexible 2+', {
  hmac: bytes(),
  renewPeriodMs: int64(),
})

/** The answer to {@link renewDelegationTokenRequest}. */
export const renewDelegationTokenResponse = response(39, 'RenewDelegationTokenResponse', '1-2, flexible 2+', {
  errorCode: int16(),
  expiryTimestampMs: int64(),
  throttleTimeMs: int32(),
})

/** The request, decoded. */
export type RenewDelegationTokenRequest = Decoded<typeof renewDelegationTokenRequest>
/** The request, to be encoded. */
export type RenewDelegationTokenRequestInput = Encodable<typeof renewDelegationTokenRequest>

/** The response, decoded. */
export type RenewDelegationTokenResponse = Decoded<typeof renewDelegationTokenResponse>
/** The response, to be encoded. */
export type RenewDelegationTokenResponseInput = Encodable<typeof renewDelegationTokenResponse>

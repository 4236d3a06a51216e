import { bytes, int16, int32, int64 } from '../field.ts'
import { type Decoded, type Encodable, request, response } from '../message.ts'

/** Ends a delegation token (KIP-48). */
export const expireDelegationTokenRequest = request(40, 'ExpireDelegationTokenRequest', '1-2, flexible 2+', {
  hmac: bytes(),
  expiryTimePeriodMs: int64(),
})

/** The answer to {@link expireDelegationTokenRequest}. */
export const expireDelegationTokenResponse = response(
  40,
  'ExpireDelegationTokenResponse',
  '1-2, flexible 2+',
  {
    errorCode: int16(),
    expiryTimestampMs: int64(),
    throttleTimeMs: int32(),
  },
)

/** The request, decoded. */
export type ExpireDelegationTokenRequest = Decoded<typeof expireDelegationTokenRequest>
/** The request, to be encoded. */
export type ExpireDelegationTokenRequestInput = Encodable<typeof expireDelegationTokenRequest>

/** The response, decoded. */
export type ExpireDelegationTokenResponse = Decoded<typeof expireDelegationTokenResponse>
/** The response, to be encoded. */
export type ExpireDelegationTokenResponseInput = Encodable<typeof expireDelegationTokenResponse>

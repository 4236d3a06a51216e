import { array, bytes, int16, int32, int64, string } from '../field.ts'
import { type Decoded, type Encodable, request, response } from '../message.ts'

/** Creates a delegation token (KIP-48). */
export const createDelegationTokenRequest = request(38, 'CreateDelegationTokenRequest', '1-3, flexible 2+', {
  ownerPrincipalType: string().nullable().since(3),
  ownerPrincipalName: string().nullable().since(3),
  renewers: array({
    principalType: string(),
    principalName: string(),
  }),
  maxLifetimeMs: int64(),
})

/** The answer to {@link createDelegationTokenRequest}. */
export const createDelegationTokenResponse = response(
  38,
  'CreateDelegationTokenResponse',
  '1-3, flexible 2+',
  {
    errorCode: int16(),
    principalType: string(),
    principalName: string(),
    tokenRequesterPrincipalType: string().since(3),
    tokenRequesterPrincipalName: string().since(3),
    issueTimestampMs: int64(),
    expiryTimestampMs: int64(),
    maxTimestampMs: int64(),
    tokenId: string(),
    hmac: bytes(),
    throttleTimeMs: int32(),
  },
)

/** The request, decoded. */
export type CreateDelegationTokenRequest = Decoded<typeof createDelegationTokenRequest>
/** The request, to be encoded. */
export type CreateDelegationTokenRequestInput = Encodable<typeof createDelegationTokenRequest>

/** The response, decoded. */
export type CreateDelegationTokenResponse = Decoded<typeof createDelegationTokenResponse>
/** The response, to be encoded. */
export type CreateDelegationTokenResponseInput = Encodable<typeof createDelegationTokenResponse>

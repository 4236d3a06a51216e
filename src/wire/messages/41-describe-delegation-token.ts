import { array, bytes, int16, int32, int64, string } from '../field.ts'
import { type Decoded, type Encodable, request, response } from '../message.ts'

/** Asks for delegation tokens by their owners (KIP-48). */
export const describeDelegationTokenRequest = request(
  41,
  'DescribeDelegationTokenRequest',
  '1-3, flexible 2+',
  {
    owners: array({
      principalType: string(),
      principalName: string(),
    }).nullable(),
  },
)

/** The answer to {@link describeDelegationTokenRequest}. */
export const describeDelegationTokenResponse = response(
  41,
  'DescribeDelegationTokenResponse',
  '1-3, flexible 2+',
  {
    errorCode: int16(),
    tokens: array({
      principalType: string(),
      principalName: string(),
      tokenRequesterPrincipalType: string().since(3),
      tokenRequesterPrincipalName: string().since(3),
      issueTimestamp: int64(),
      expiryTimestamp: int64(),
      maxTimestamp: int64(),
      tokenId: string(),
      hmac: bytes(),
      renewers: array({
        principalType: string(),
        principalName: string(),
      }),
    }),
    throttleTimeMs: int32(),
  },
)

/** The request, decoded. */
export type DescribeDelegationTokenRequest = Decoded<typeof describeDelegationTokenRequest>
/** The request, to be encoded. */
export type DescribeDelegationTokenRequestInput = Encodable<typeof describeDelegationTokenRequest>

/** The response, decoded. */
export type DescribeDelegationTokenResponse = Decoded<typeof describeDelegationTokenResponse>
/** The response, to be encoded. */
export type DescribeDelegationTokenResponseInput = Encodable<typeof describeDelegationTokenResponse>

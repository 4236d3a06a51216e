import { array, int16, int32, int8, string } from '../field.ts'
import { type Decoded, type Encodable, request, response } from '../message.ts'

/** Asks which users have SCRAM credentials (KIP-554). */
export const describeUserScramCredentialsRequest = request(
  50,
  'DescribeUserScramCredentialsRequest',
  '0, flexible 0+',
  {
    users: array({
      name: string(),
    }).nullable(),
  },
)

/** The answer to {@link describeUserScramCredentialsRequest}. */
export const describeUserScramCredentialsResponse = response(
  50,
  'DescribeUserScramCredentialsResponse',
  '0, flexible 0+',
  {
    throttleTimeMs: int32(),
    errorCode: int16(),
    errorMessage: string().nullable(),
    results: array({
      user: string(),
      errorCode: int16(),
      errorMessage: string().nullable(),
      credentialInfos: array({
        mechanism: int8(),
        iterations: int32(),
      }),
    }),
  },
)

/** The request, decoded. */
export type DescribeUserScramCredentialsRequest = Decoded<typeof describeUserScramCredentialsRequest>
/** The request, to be encoded. */
export type DescribeUserScramCredentialsRequestInput = Encodable<typeof describeUserScramCredentialsRequest>

/** The response, decoded. */
export type DescribeUserScramCredentialsResponse = Decoded<typeof describeUserScramCredentialsResponse>
/** The response, to be encoded. */
export type DescribeUserScramCredentialsResponseInput = Encodable<typeof describeUserScramCredentialsResponse>

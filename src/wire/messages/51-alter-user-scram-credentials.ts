import { array, bytes, int16, int32, int8, string } from '../field.ts'
import { type Decoded, type Encodable, request, response } from '../message.ts'

/** Creates, changes and removes SCRAM credentials (KIP-554). */
export const alterUserScramCredentialsRequest = request(
  51,
  'AlterUserScramCredentialsRequest',
  '0, flexible 0+',
  {
    deletions: array({
      name: string(),
      mechanism: int8(),
    }),
    upsertions: array({
      name: string(),
      mechanism: int8(),
      iterations: int32(),
      salt: bytes(),
      saltedPassword: bytes(),
    }),
  },
)

/** The answer to {@link alterUserScramCredentialsRequest}. */
export const alterUserScramCredentialsResponse = response(
  51,
  'AlterUserScramCredentialsResponse',
  '0, flexible 0+',
  {
    throttleTimeMs: int32(),
    results: array({
      user: string(),
      errorCode: int16(),
      errorMessage: string().nullable(),
    }),
  },
)

/** The request, decoded. */
export type AlterUserScramCredentialsRequest = Decoded<typeof alterUserScramCredentialsRequest>
/** The request, to be encoded. */
export type AlterUserScramCredentialsRequestInput = Encodable<typeof alterUserScramCredentialsRequest>

/** The response, decoded. */
export type AlterUserScramCredentialsResponse = Decoded<typeof alterUserScramCredentialsResponse>
/** The response, to be encoded. */
export type AlterUserScramCredentialsResponseInput = Encodable<typeof alterUserScramCredentialsResponse>

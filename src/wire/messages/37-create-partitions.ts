import { array, bool, int16, int32, string } from '../field.ts'
import { type Decoded, type Encodable, request, response } from '../message.ts'

/** Adds partitions to topics (KIP-195). */
export const createPartitionsRequest = request(37, 'CreatePartitionsRequest', '0-3, flexible 2+', {
  topics: array({
    name: string(),
    count: int32(),
    assignments: array({
      brokerIds: array(int32()),
    }).nullable(),
  }),
  timeoutMs: int32(),
  validateOnly: bool(),
})

/** The answer to {@link createPartitionsRequest}. */
export const createPartitionsResponse = response(37, 'CreatePartitionsResponse', '0-3, flexible 2+', {
  throttleTimeMs: int32(),
  results: array({
    name: string(),
    errorCode: int16(),
    errorMessage: string().nullable().default(null),
  }),
})

/** The request, decoded. */
export type CreatePartitionsRequest = Decoded<typeof createPartitionsRequest>
/** The request, to be encoded. */
export type CreatePartitionsRequestInput = Encodable<typeof createPartitionsRequest>

/** The response, decoded. */
export type CreatePartitionsResponse = Decoded<typeof createPartitionsResponse>
/** The response, to be encoded. */
export type CreatePartitionsResponseInput = Encodable<typeof createPartitionsResponse>

import { int16, int32, string, uuid } from '../field.ts'
import { type Decoded, type Encodable, request, response } from '../message.ts'

/** Removes a voter from the controller quorum (KIP-853). */
export const removeRaftVoterRequest = request(81, 'RemoveRaftVoterRequest', '0, flexible 0+', {
  clusterId: string().nullable(),
  voterId: int32(),
  voterDirectoryId: uuid(),
})

/** The answer to {@link removeRaftVoterRequest}. */
export const removeRaftVoterResponse = response(81, 'RemoveRaftVoterResponse', '0, flexible 0+', {
  throttleTimeMs: int32(),
  errorCode: int16(),
  errorMessage: string().nullable().ignorable(),
})

/** The request, decoded. */
export type RemoveRaftVoterRequest = Decoded<typeof removeRaftVoterRequest>
/** The request, to be encoded. */
export type RemoveRaftVoterRequestInput = Encodable<typeof removeRaftVoterRequest>

/** The response, decoded. */
export type RemoveRaftVoterResponse = Decoded<typeof removeRaftVoterResponse>
/** The response, to be encoded. */
export type RemoveRaftVoterResponseInput = Encodable<typeof removeRaftVoterResponse>

import { array, bool, int16, int32, string, uint16, uuid } from '../field.ts'
import { type Decoded, type Encodable, request, response } from '../message.ts'

/** Adds a voter to the controller quorum (KIP-853). */
export const addRaftVoterRequest = request(80, 'AddRaftVoterRequest', '0-1, flexible 0+', {
  clusterId: string().nullable(),
  timeoutMs: int32(),
  voterId: int32(),
  voterDirectoryId: uuid(),
  listeners: array({
    name: string(),
    host: string(),
    port: uint16(),
  }),
  ackWhenCommitted: bool().since(1).default(true),
})

/** The answer to {@link addRaftVoterRequest}. */
export const addRaftVoterResponse = response(80, 'AddRaftVoterResponse', '0-1, flexible 0+', {
  throttleTimeMs: int32(),
  errorCode: int16(),
  errorMessage: string().nullable().ignorable(),
})

/** The request, decoded. */
export type AddRaftVoterRequest = Decoded<typeof addRaftVoterRequest>
/** The request, to be encoded. */
export type AddRaftVoterRequestInput = Encodable<typeof addRaftVoterRequest>

/** The response, decoded. */
export type AddRaftVoterResponse = Decoded<typeof addRaftVoterResponse>
/** The response, to be encoded. */
export type AddRaftVoterResponseInput = Encodable<typeof addRaftVoterResponse>

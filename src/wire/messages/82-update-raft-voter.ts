import { array, int16, int32, string, struct, uint16, uuid } from '../field.ts'
import { type Decoded, type Encodable, request, response } from '../message.ts'

/** Brings the endpoints and versions of a voter of the controller quorum up to date (KIP-853). */
export const updateRaftVoterRequest = request(82, 'UpdateRaftVoterRequest', '0, flexible 0+', {
  clusterId: string().nullable(),
  currentLeaderEpoch: int32(),
  voterId: int32(),
  voterDirectoryId: uuid(),
  listeners: array({
    name: string(),
    host: string(),
    port: uint16(),
  }),
  kRaftVersionFeature: struct({
    minSupportedVersion: int16(),
    maxSupportedVersion: int16(),
  }),
})

/** The answer to {@link updateRaftVoterRequest}. */
export const updateRaftVoterResponse = response(82, 'UpdateRaftVoterResponse', '0, flexible 0+', {
  throttleTimeMs: int32(),
  errorCode: int16(),
  currentLeader: struct({
    leaderId: int32().default(-1),
    leaderEpoch: int32().default(-1),
    host: string(),
    port: int32(),
  }).tagged(0),
})

/** The request, decoded. */
export type UpdateRaftVoterRequest = Decoded<typeof updateRaftVoterRequest>
/** The request, to be encoded. */
export type UpdateRaftVoterRequestInput = Encodable<typeof updateRaftVoterRequest>

/** The response, decoded. */
export type UpdateRaftVoterResponse = Decoded<typeof updateRaftVoterResponse>
/** The response, to be encoded. */
export type UpdateRaftVoterResponseInput = Encodable<typeof updateRaftVoterResponse>

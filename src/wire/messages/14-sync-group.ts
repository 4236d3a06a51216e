import { array, bytes, int16, int32, string } from '../field.ts'
import { type Decoded, type Encodable, request, response } from '../message.ts'

/** Brings the assignments of a generation from its leader, and takes those of a member away. */
export const syncGroupRequest = request(14, 'SyncGroupRequest', '0-5, flexible 4+', {
  groupId: string(),
  generationId: int32(),
  memberId: string(),
  groupInstanceId: string().nullable().since(3).default(null),
  protocolType: string().nullable().since(5).ignorable().default(null),
  protocolName: string().nullable().since(5).ignorable().default(null),
  assignments: array({
    memberId: string(),
    assignment: bytes(),
  }),
})

/** The answer to {@link syncGroupRequest}. */
export const syncGroupResponse = response(14, 'SyncGroupResponse', '0-5, flexible 4+', {
  throttleTimeMs: int32().since(1).ignorable(),
  errorCode: int16(),
  protocolType: string().nullable().since(5).ignorable().default(null),
  protocolName: string().nullable().since(5).ignorable().default(null),
  assignment: bytes(),
})

/** The request, decoded. */
export type SyncGroupRequest = Decoded<typeof syncGroupRequest>
/** The request, to be encoded. */
export type SyncGroupRequestInput = Encodable<typeof syncGroupRequest>

/** The response, decoded. */
export type SyncGroupResponse = Decoded<typeof syncGroupResponse>
/** The response, to be encoded. */
export type SyncGroupResponseInput = Encodable<typeof syncGroupResponse>

import { array, int16, int32, string } from '../field.ts'
import { type Decoded, type Encodable, request, response } from '../message.ts'

/** Leaves a classic group; several members at once since version 3 (KIP-345). */
export const leaveGroupRequest = request(13, 'LeaveGroupRequest', '0-5, flexible 4+', {
  groupId: string(),
  memberId: string().until(2),
  members: array({
    memberId: string(),
    groupInstanceId: string().nullable().default(null),
    reason: string().nullable().since(5).ignorable().default(null),
  }).since(3),
})

/** The answer to {@link leaveGroupRequest}. */
export const leaveGroupResponse = response(13, 'LeaveGroupResponse', '0-5, flexible 4+', {
  throttleTimeMs: int32().since(1).ignorable(),
  errorCode: int16(),
  members: array({
    memberId: string(),
    groupInstanceId: string().nullable(),
    errorCode: int16(),
  }).since(3),
})

/** The request, decoded. */
export type LeaveGroupRequest = Decoded<typeof leaveGroupRequest>
/** The request, to be encoded. */
export type LeaveGroupRequestInput = Encodable<typeof leaveGroupRequest>

/** The response, decoded. */
export type LeaveGroupResponse = Decoded<typeof leaveGroupResponse>
/** The response, to be encoded. */
export type LeaveGroupResponseInput = Encodable<typeof leaveGroupResponse>

import { errorCodes } from '../../wire/error-codes.ts'
import type { LeaveGroupRequest, LeaveGroupResponse } from '../../wire/messages/13-leave-group.ts'
import type { ClaimedIdentity } from './group-checks.ts'

/** From this version on, several members leave in one request, and each is answered for itself (KIP-345). */
const severalMembersVersion = 3

/** The members that leave by a request of any version. */
export function leavingMembers(
  { memberId, members }: LeaveGroupRequest,
  apiVersion: number,
): readonly ClaimedIdentity[] {
  if (apiVersion < severalMembersVersion) return [{ memberId, groupInstanceId: null }]
  return members.map((member) => ({ memberId: member.memberId, groupInstanceId: member.groupInstanceId }))
}

/** The response of any version. */
export function answerLeave(members: LeaveGroupResponse['members'], apiVersion: number): LeaveGroupResponse {
  if (apiVersion >= severalMembersVersion) return { throttleTimeMs: 0, errorCode: errorCodes.NONE, members }
  return refuseLeave(members[0]?.errorCode ?? errorCodes.NONE)
}

/** The response with one error for all. */
export function refuseLeave(errorCode: number): LeaveGroupResponse {
  return { throttleTimeMs: 0, errorCode, members: [] }
}

import { leaveGroupRequest, leaveGroupResponse } from '../../wire/messages/13-leave-group.ts'
import { groupContext } from '../group-context.ts'
import { handler } from '../handler.ts'

/** Leaves a group, one member or several. */
export const leaveGroup = handler(
  { request: leaveGroupRequest, response: leaveGroupResponse },
  (broker, request, context) => broker.groups.leaveGroup(groupContext(context), request),
)

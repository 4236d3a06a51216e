import { joinGroupRequest, joinGroupResponse } from '../../wire/messages/11-join-group.ts'
import { groupContext } from '../group-context.ts'
import { handler } from '../handler.ts'

/** Joins a group. Answered when its next generation has begun. */
export const joinGroup = handler(
  { request: joinGroupRequest, response: joinGroupResponse },
  (broker, request, context) => broker.groups.joinGroup(groupContext(context), request),
)

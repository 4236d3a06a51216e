import { describeGroupsRequest, describeGroupsResponse } from '../../wire/messages/15-describe-groups.ts'
import { groupContext } from '../group-context.ts'
import { handler } from '../handler.ts'

/** The state and members of groups. */
export const describeGroups = handler(
  { request: describeGroupsRequest, response: describeGroupsResponse },
  (broker, request, context) => broker.groups.describeGroups(groupContext(context), request),
)

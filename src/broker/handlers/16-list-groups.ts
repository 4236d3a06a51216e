import { listGroupsRequest, listGroupsResponse } from '../../wire/messages/16-list-groups.ts'
import { groupContext } from '../group-context.ts'
import { handler } from '../handler.ts'

/** The groups that this broker coordinates. */
export const listGroups = handler(
  { request: listGroupsRequest, response: listGroupsResponse },
  (broker, request, context) => broker.groups.listGroups(groupContext(context), request),
)

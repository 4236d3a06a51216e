import { deleteGroupsRequest, deleteGroupsResponse } from '../../wire/messages/42-delete-groups.ts'
import { groupContext } from '../group-context.ts'
import { handler } from '../handler.ts'

/** Deletes groups that nobody is in, with their offsets. */
export const deleteGroups = handler(
  { request: deleteGroupsRequest, response: deleteGroupsResponse },
  (broker, request, context) => broker.groups.deleteGroups(groupContext(context), request),
)

import { syncGroupRequest, syncGroupResponse } from '../../wire/messages/14-sync-group.ts'
import { groupContext } from '../group-context.ts'
import { handler } from '../handler.ts'

/** Gets a member its assignment; the leader brings those of all. */
export const syncGroup = handler(
  { request: syncGroupRequest, response: syncGroupResponse },
  (broker, request, context) => broker.groups.syncGroup(groupContext(context), request),
)

import { heartbeatRequest, heartbeatResponse } from '../../wire/messages/12-heartbeat.ts'
import { groupContext } from '../group-context.ts'
import { handler } from '../handler.ts'

/** Says that a member is alive, and learns whether the group rebalances. */
export const heartbeat = handler(
  { request: heartbeatRequest, response: heartbeatResponse },
  (broker, request, context) => broker.groups.heartbeat(groupContext(context), request),
)

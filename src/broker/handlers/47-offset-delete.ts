import { offsetDeleteRequest, offsetDeleteResponse } from '../../wire/messages/47-offset-delete.ts'
import { groupContext } from '../group-context.ts'
import { handler } from '../handler.ts'

/** Deletes offsets of topics that the group is not subscribed to. */
export const offsetDelete = handler(
  { request: offsetDeleteRequest, response: offsetDeleteResponse },
  (broker, request, context) => broker.groups.offsetDelete(groupContext(context), request),
)

import type { GroupRequestContext } from './groups/group-coordinator.ts'
import type { RequestContext } from './handler.ts'

/** What the group coordinator wants to know of a client, in Kafka's words: its host is written with a slash. */
export function groupContext({ apiVersion, clientId, clientAddress }: RequestContext): GroupRequestContext {
  return { apiVersion, clientId: clientId ?? '', clientHost: `/${clientAddress}` }
}

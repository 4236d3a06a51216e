import { errorCodes } from '../../wire/error-codes.ts'
import {
  listConfigResourcesRequest,
  listConfigResourcesResponse,
  type ListConfigResourcesResponseInput,
} from '../../wire/messages/74-list-config-resources.ts'
import type { Broker } from '../broker.ts'
import { resourceTypes } from '../config/config-store.ts'
import { handler } from '../handler.ts'

type Resource = ListConfigResourcesResponseInput['configResources'][number]

/** Before this version the API was about client metrics alone, of which there are none. */
const typesSince = 1

/** Kinds of resources that Kafka has configs for and this broker has not: loggers, client metrics (KIP-714), groups. */
const unservedTypes: readonly number[] = [8, 16, 32]

/** Tells which resources there are that configs can be set for (KIP-1142); of no given type, all of them. */
export const listConfigResources = handler(
  { request: listConfigResourcesRequest, response: listConfigResourcesResponse },
  (broker, request, { apiVersion }) => {
    const answer = { throttleTimeMs: 0, errorCode: errorCodes.NONE, configResources: [] }
    if (apiVersion < typesSince) return answer
    const served: number[] = Object.values(resourceTypes)
    const asked = request.resourceTypes.length === 0 ? served : [...new Set(request.resourceTypes)]
    if (asked.some((type) => !served.includes(type) && !unservedTypes.includes(type)))
      return { ...answer, errorCode: errorCodes.UNSUPPORTED_VERSION }
    return { ...answer, configResources: asked.flatMap((type) => resourcesOf(broker, type)) }
  },
)

function resourcesOf({ view }: Broker, resourceType: number): Resource[] {
  return namesOf(view, resourceType).map((resourceName) => ({ resourceName, resourceType }))
}

function namesOf({ topics, brokers }: Broker['view'], resourceType: number): string[] {
  if (resourceType === resourceTypes.topic) return [...topics.keys()]
  return resourceType === resourceTypes.broker ? [...brokers.keys()].map(String) : []
}

import { brokerConfigKey, defaultBrokerConfig, topicConfigKey } from '../cluster/znodes.ts'
import { errorCodes } from '../wire/error-codes.ts'
import type { Broker } from './broker.ts'
import { type ConfigResource, resourceTypes } from './config/config-store.ts'
import { stateError } from './error-mapping.ts'

/** The outcome of changing the configs of one resource, as both requests answer it. */
export interface ConfigOutcome extends ConfigResource {
  readonly errorCode: number
  readonly errorMessage: string | null
}

/**
 * Judges what the settings of each resource are to become, and stores them where the cluster keeps them: they are in
 * force when this resolves. Each resource is for itself; one that is in the request twice is refused.
 */
export async function changeConfigs<R extends ConfigResource>(
  broker: Broker,
  resources: readonly R[],
  validateOnly: boolean,
  plan: (resource: R) => Readonly<Record<string, string>>,
): Promise<ConfigOutcome[]> {
  const outcomes: ConfigOutcome[] = []
  for (const resource of resources) {
    const { resourceType, resourceName } = resource
    const isRepeated = resources.some(
      (other) =>
        other !== resource && other.resourceType === resourceType && other.resourceName === resourceName,
    )
    if (isRepeated) {
      const errorMessage = 'the resource is in the request more than once'
      outcomes.push({ resourceType, resourceName, errorCode: errorCodes.INVALID_REQUEST, errorMessage })
      continue
    }
    try {
      const settings = plan(resource)
      if (!validateOnly) await broker.controller.storeConfig(keyOf(resource), settings)
      outcomes.push({ resourceType, resourceName, errorCode: errorCodes.NONE, errorMessage: null })
    } catch (error) {
      outcomes.push({ resourceType, resourceName, ...stateError(error) })
    }
  }
  await broker.replicas.settled()
  return outcomes
}

function keyOf({ resourceType, resourceName }: ConfigResource): string {
  if (resourceType === resourceTypes.topic) return topicConfigKey(resourceName)
  return brokerConfigKey(resourceName === '' ? defaultBrokerConfig : resourceName)
}

import { errorCodes } from '../../wire/error-codes.ts'
import {
  type DescribeConfigsRequest,
  describeConfigsRequest,
  describeConfigsResponse,
  type DescribeConfigsResponseInput,
} from '../../wire/messages/32-describe-configs.ts'
import type { Broker } from '../broker.ts'
import { stateError } from '../error-mapping.ts'
import { handler } from '../handler.ts'

type Result = DescribeConfigsResponseInput['results'][number]

/** Every config of topics and brokers, with its value and where that comes from (KIP-133, KIP-226). */
export const describeConfigs = handler(
  { request: describeConfigsRequest, response: describeConfigsResponse },
  (broker, request) => ({
    throttleTimeMs: 0,
    results: request.resources.map((resource) => describe(broker, request, resource)),
  }),
)

function describe(
  broker: Broker,
  options: DescribeConfigsRequest,
  resource: DescribeConfigsRequest['resources'][number],
): Result {
  const { resourceType, resourceName, configurationKeys } = resource
  try {
    const configs = broker.configs.describe(resource, configurationKeys, options)
    return { errorCode: errorCodes.NONE, errorMessage: '', resourceType, resourceName, configs }
  } catch (error) {
    return { ...stateError(error), resourceType, resourceName, configs: [] }
  }
}

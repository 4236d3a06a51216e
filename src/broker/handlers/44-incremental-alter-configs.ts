import {
  incrementalAlterConfigsRequest,
  incrementalAlterConfigsResponse,
} from '../../wire/messages/44-incremental-alter-configs.ts'
import { handler } from '../handler.ts'
import { changeConfigs } from '../store-config.ts'

/** Changes single configs of a resource, and leaves the others (KIP-339). */
export const incrementalAlterConfigs = handler(
  { request: incrementalAlterConfigsRequest, response: incrementalAlterConfigsResponse },
  async (broker, { resources, validateOnly }) => ({
    throttleTimeMs: 0,
    responses: await changeConfigs(broker, resources, validateOnly, (resource) =>
      broker.configs.planChange(resource, resource.configs),
    ),
  }),
)

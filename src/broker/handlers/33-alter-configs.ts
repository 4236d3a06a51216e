import { alterConfigsRequest, alterConfigsResponse } from '../../wire/messages/33-alter-configs.ts'
import { handler } from '../handler.ts'
import { changeConfigs } from '../store-config.ts'

/** Replaces all that was set of a resource: what the request does not name goes back to its default. */
export const alterConfigs = handler(
  { request: alterConfigsRequest, response: alterConfigsResponse },
  async (broker, { resources, validateOnly }) => ({
    throttleTimeMs: 0,
    responses: await changeConfigs(broker, resources, validateOnly, (resource) =>
      broker.configs.planReplacement(resource, resource.configs),
    ),
  }),
)

import { array, bool, int16, int32, int8, string } from '../field.ts'
import { type Decoded, type Encodable, request, response } from '../message.ts'

/** Replaces all configs of resources (KIP-133). */
export const alterConfigsRequest = request(33, 'AlterConfigsRequest', '0-2, flexible 2+', {
  resources: array({
    resourceType: int8(),
    resourceName: string(),
    configs: array({
      name: string(),
      value: string().nullable(),
    }),
  }),
  validateOnly: bool(),
})

/** The answer to {@link alterConfigsRequest}. */
export const alterConfigsResponse = response(33, 'AlterConfigsResponse', '0-2, flexible 2+', {
  throttleTimeMs: int32(),
  responses: array({
    errorCode: int16(),
    errorMessage: string().nullable(),
    resourceType: int8(),
    resourceName: string(),
  }),
})

/** The request, decoded. */
export type AlterConfigsRequest = Decoded<typeof alterConfigsRequest>
/** The request, to be encoded. */
export type AlterConfigsRequestInput = Encodable<typeof alterConfigsRequest>

/** The response, decoded. */
export type AlterConfigsResponse = Decoded<typeof alterConfigsResponse>
/** The response, to be encoded. */
export type AlterConfigsResponseInput = Encodable<typeof alterConfigsResponse>

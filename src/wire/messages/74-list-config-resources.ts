import { array, int16, int32, int8, string } from '../field.ts'
import { type Decoded, type Encodable, request, response } from '../message.ts'

/** Asks which resources have configs of their own (KIP-714, KIP-1142). */
export const listConfigResourcesRequest = request(74, 'ListConfigResourcesRequest', '0-1, flexible 0+', {
  resourceTypes: array(int8()).since(1),
})

/** The answer to {@link listConfigResourcesRequest}. */
export const listConfigResourcesResponse = response(74, 'ListConfigResourcesResponse', '0-1, flexible 0+', {
  throttleTimeMs: int32(),
  errorCode: int16(),
  configResources: array({
    resourceName: string(),
    resourceType: int8().since(1).ignorable().default(16),
  }),
})

/** The request, decoded. */
export type ListConfigResourcesRequest = Decoded<typeof listConfigResourcesRequest>
/** The request, to be encoded. */
export type ListConfigResourcesRequestInput = Encodable<typeof listConfigResourcesRequest>

/** The response, decoded. */
export type ListConfigResourcesResponse = Decoded<typeof listConfigResourcesResponse>
/** The response, to be encoded. */
export type ListConfigResourcesResponseInput = Encodable<typeof listConfigResourcesResponse>

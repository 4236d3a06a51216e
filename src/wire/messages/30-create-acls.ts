import { array, int16, int32, int8, string } from '../field.ts'
import { type Decoded, type Encodable, request, response } from '../message.ts'

/** Creates ACLs (KIP-140). */
export const createAclsRequest = request(30, 'CreateAclsRequest', '1-3, flexible 2+', {
  creations: array({
    resourceType: int8(),
    resourceName: string(),
    resourcePatternType: int8().default(3),
    principal: string(),
    host: string(),
    operation: int8(),
    permissionType: int8(),
  }),
})

/** The answer to {@link createAclsRequest}. */
export const createAclsResponse = response(30, 'CreateAclsResponse', '1-3, flexible 2+', {
  throttleTimeMs: int32(),
  results: array({
    errorCode: int16(),
    errorMessage: string().nullable(),
  }),
})

/** The request, decoded. */
export type CreateAclsRequest = Decoded<typeof createAclsRequest>
/** The request, to be encoded. */
export type CreateAclsRequestInput = Encodable<typeof createAclsRequest>

/** The response, decoded. */
export type CreateAclsResponse = Decoded<typeof createAclsResponse>
/** The response, to be encoded. */
export type CreateAclsResponseInput = Encodable<typeof createAclsResponse>

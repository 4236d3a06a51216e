import { array, int16, int32, int8, string } from '../field.ts'
import { type Decoded, type Encodable, request, response } from '../message.ts'

/** Asks for the ACLs that match a filter (KIP-140). */
export const describeAclsRequest = request(29, 'DescribeAclsRequest', '1-3, flexible 2+', {
  resourceTypeFilter: int8(),
  resourceNameFilter: string().nullable(),
  patternTypeFilter: int8().default(3),
  principalFilter: string().nullable(),
  hostFilter: string().nullable(),
  operation: int8(),
  permissionType: int8(),
})

/** The answer to {@link describeAclsRequest}. */
export const describeAclsResponse = response(29, 'DescribeAclsResponse', '1-3, flexible 2+', {
  throttleTimeMs: int32(),
  errorCode: int16(),
  errorMessage: string().nullable(),
  resources: array({
    resourceType: int8(),
    resourceName: string(),
    patternType: int8().default(3),
    acls: array({
      principal: string(),
      host: string(),
      operation: int8(),
      permissionType: int8(),
    }),
  }),
})

/** The request, decoded. */
export type DescribeAclsRequest = Decoded<typeof describeAclsRequest>
/** The request, to be encoded. */
export type DescribeAclsRequestInput = Encodable<typeof describeAclsRequest>

/** The response, decoded. */
export type DescribeAclsResponse = Decoded<typeof describeAclsResponse>
/** The response, to be encoded. */
export type DescribeAclsResponseInput = Encodable<typeof describeAclsResponse>

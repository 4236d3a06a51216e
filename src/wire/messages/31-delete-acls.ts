import { array, int16, int32, int8, string } from '../field.ts'
import { type Decoded, type Encodable, request, response } from '../message.ts'

/** Deletes the ACLs that match filters (KIP-140). */
export const deleteAclsRequest = request(31, 'DeleteAclsRequest', '1-3, flexible 2+', {
  filters: array({
    resourceTypeFilter: int8(),
    resourceNameFilter: string().nullable(),
    patternTypeFilter: int8().default(3),
    principalFilter: string().nullable(),
    hostFilter: string().nullable(),
    operation: int8(),
    permissionType: int8(),
  }),
})

/** The answer to {@link deleteAclsRequest}. */
export const deleteAclsResponse = response(31, 'DeleteAclsResponse', '1-3, flexible 2+', {
  throttleTimeMs: int32(),
  filterResults: array({
    errorCode: int16(),
    errorMessage: string().nullable(),
    matchingAcls: array({
      errorCode: int16(),
      errorMessage: string().nullable(),
      resourceType: int8(),
      resourceName: string(),
      patternType: int8().default(3),
      principal: string(),
      host: string(),
      operation: int8(),
      permissionType: int8(),
    }),
  }),
})

/** The request, decoded. */
export type DeleteAclsRequest = Decoded<typeof deleteAclsRequest>
/** The request, to be encoded. */
export type DeleteAclsRequestInput = Encodable<typeof deleteAclsRequest>

/** The response, decoded. */
export type DeleteAclsResponse = Decoded<typeof deleteAclsResponse>
/** The response, to be encoded. */
export type DeleteAclsResponseInput = Encodable<typeof deleteAclsResponse>

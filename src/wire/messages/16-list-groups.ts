import { array, int16, int32, string } from '../field.ts'
import { type Decoded, type Encodable, request, response } from '../message.ts'

/** Asks for the groups that a broker coordinates. */
export const listGroupsRequest = request(16, 'ListGroupsRequest', '0-5, flexible 3+', {
  statesFilter: array(string()).since(4),
  typesFilter: array(string()).since(5),
})

/** The answer to {@link listGroupsRequest}. */
export const listGroupsResponse = response(16, 'ListGroupsResponse', '0-5, flexible 3+', {
  throttleTimeMs: int32().since(1).ignorable(),
  errorCode: int16(),
  groups: array({
    groupId: string(),
    protocolType: string(),
    groupState: string().since(4).ignorable(),
    groupType: string().since(5).ignorable(),
  }),
})

/** The request, decoded. */
export type ListGroupsRequest = Decoded<typeof listGroupsRequest>
/** The request, to be encoded. */
export type ListGroupsRequestInput = Encodable<typeof listGroupsRequest>

/** The response, decoded. */
export type ListGroupsResponse = Decoded<typeof listGroupsResponse>
/** The response, to be encoded. */
export type ListGroupsResponseInput = Encodable<typeof listGroupsResponse>

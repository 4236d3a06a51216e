import { array, bool, bytes, int16, int32, string } from '../field.ts'
import { type Decoded, type Encodable, request, response } from '../message.ts'

/** Asks for the state and members of classic groups. */
export const describeGroupsRequest = request(15, 'DescribeGroupsRequest', '0-6, flexible 5+', {
  groups: array(string()),
  includeAuthorizedOperations: bool().since(3),
})

/** The answer to {@link describeGroupsRequest}. */
export const describeGroupsResponse = response(15, 'DescribeGroupsResponse', '0-6, flexible 5+', {
  throttleTimeMs: int32().since(1).ignorable(),
  groups: array({
    errorCode: int16(),
    errorMessage: string().nullable().since(6).default(null),
    groupId: string(),
    groupState: string(),
    protocolType: string(),
    protocolData: string(),
    members: array({
      memberId: string(),
      groupInstanceId: string().nullable().since(4).ignorable().default(null),
      clientId: string(),
      clientHost: string(),
      memberMetadata: bytes(),
      memberAssignment: bytes(),
    }),
    authorizedOperations: int32().since(3).default(-2147483648),
  }),
})

/** The request, decoded. */
export type DescribeGroupsRequest = Decoded<typeof describeGroupsRequest>
/** The request, to be encoded. */
export type DescribeGroupsRequestInput = Encodable<typeof describeGroupsRequest>

/** The response, decoded. */
export type DescribeGroupsResponse = Decoded<typeof describeGroupsResponse>
/** The response, to be encoded. */
export type DescribeGroupsResponseInput = Encodable<typeof describeGroupsResponse>

import { array, int16, int32, string } from '../field.ts'
import { type Decoded, type Encodable, request, response } from '../message.ts'

/** Deletes groups without members (KIP-229). */
export const deleteGroupsRequest = request(42, 'DeleteGroupsRequest', '0-2, flexible 2+', {
  groupsNames: array(string()),
})

/** The answer to {@link deleteGroupsRequest}. */
export const deleteGroupsResponse = response(42, 'DeleteGroupsResponse', '0-2, flexible 2+', {
  throttleTimeMs: int32(),
  results: array({
    groupId: string(),
    errorCode: int16(),
  }),
})

/** The request, decoded. */
export type DeleteGroupsRequest = Decoded<typeof deleteGroupsRequest>
/** The request, to be encoded. */
export type DeleteGroupsRequestInput = Encodable<typeof deleteGroupsRequest>

/** The response, decoded. */
export type DeleteGroupsResponse = Decoded<typeof deleteGroupsResponse>
/** The response, to be encoded. */
export type DeleteGroupsResponseInput = Encodable<typeof deleteGroupsResponse>

import { array, bool, int16, int32, string, struct, uuid } from '../field.ts'
import { type Decoded, type Encodable, request, response } from '../message.ts'

/** Asks for the state of share groups (KIP-932). */
export const shareGroupDescribeRequest = request(77, 'ShareGroupDescribeRequest', '1, flexible 1+', {
  groupIds: array(string()),
  includeAuthorizedOperations: bool(),
})

/** The answer to {@link shareGroupDescribeRequest}. */
export const shareGroupDescribeResponse = response(77, 'ShareGroupDescribeResponse', '1, flexible 1+', {
  throttleTimeMs: int32(),
  groups: array({
    errorCode: int16(),
    errorMessage: string().nullable().default(null),
    groupId: string(),
    groupState: string(),
    groupEpoch: int32(),
    assignmentEpoch: int32(),
    assignorName: string(),
    members: array({
      memberId: string(),
      rackId: string().nullable().default(null),
      memberEpoch: int32(),
      clientId: string(),
      clientHost: string(),
      subscribedTopicNames: array(string()),
      assignment: struct({
        topicPartitions: array({
          topicId: uuid(),
          topicName: string(),
          partitions: array(int32()),
        }),
      }),
    }),
    authorizedOperations: int32().default(-2147483648),
  }),
})

/** The request, decoded. */
export type ShareGroupDescribeRequest = Decoded<typeof shareGroupDescribeRequest>
/** The request, to be encoded. */
export type ShareGroupDescribeRequestInput = Encodable<typeof shareGroupDescribeRequest>

/** The response, decoded. */
export type ShareGroupDescribeResponse = Decoded<typeof shareGroupDescribeResponse>
/** The response, to be encoded. */
export type ShareGroupDescribeResponseInput = Encodable<typeof shareGroupDescribeResponse>

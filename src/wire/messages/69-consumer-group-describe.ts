import { array, bool, int16, int32, int8, string, struct, uuid } from '../field.ts'
import { type Decoded, type Encodable, request, response } from '../message.ts'

/** Asks for the state of consumer groups of the new protocol (KIP-848). */
export const consumerGroupDescribeRequest = request(69, 'ConsumerGroupDescribeRequest', '0-1, flexible 0+', {
  groupIds: array(string()),
  includeAuthorizedOperations: bool(),
})

const assignment = struct({
  topicPartitions: array({
    topicId: uuid(),
    topicName: string(),
    partitions: array(int32()),
  }),
})

/** The answer to {@link consumerGroupDescribeRequest}. */
export const consumerGroupDescribeResponse = response(
  69,
  'ConsumerGroupDescribeResponse',
  '0-1, flexible 0+',
  {
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
        instanceId: string().nullable().default(null),
        rackId: string().nullable().default(null),
        memberEpoch: int32(),
        clientId: string(),
        clientHost: string(),
        subscribedTopicNames: array(string()),
        subscribedTopicRegex: string().nullable().default(null),
        assignment: assignment,
        targetAssignment: assignment,
        memberType: int8().since(1).ignorable().default(-1),
      }),
      authorizedOperations: int32().default(-2147483648),
    }),
  },
)

/** The request, decoded. */
export type ConsumerGroupDescribeRequest = Decoded<typeof consumerGroupDescribeRequest>
/** The request, to be encoded. */
export type ConsumerGroupDescribeRequestInput = Encodable<typeof consumerGroupDescribeRequest>

/** The response, decoded. */
export type ConsumerGroupDescribeResponse = Decoded<typeof consumerGroupDescribeResponse>
/** The response, to be encoded. */
export type ConsumerGroupDescribeResponseInput = Encodable<typeof consumerGroupDescribeResponse>

import { array, int32, int8, string, struct, uuid } from '../field.ts'
import { type Decoded, type Encodable, data } from '../message.ts'

/** Names the record: what a member of a consumer group owns now (KIP-848). */
export const consumerGroupCurrentMemberAssignmentKey = data('ConsumerGroupCurrentMemberAssignmentKey', '8', {
  groupId: string(),
  memberId: string(),
})

const topicPartitions = struct({
  topicId: uuid(),
  partitions: array(int32()),
  assignmentEpochs: array(int32()).nullable().tagged(0),
})

/** What a member of a consumer group owns now (KIP-848). */
export const consumerGroupCurrentMemberAssignmentValue = data(
  'ConsumerGroupCurrentMemberAssignmentValue',
  '0, flexible 0+',
  {
    memberEpoch: int32(),
    previousMemberEpoch: int32(),
    state: int8(),
    assignedPartitions: array(topicPartitions),
    partitionsPendingRevocation: array(topicPartitions),
  },
)

/** The key, decoded. */
export type ConsumerGroupCurrentMemberAssignmentKey = Decoded<typeof consumerGroupCurrentMemberAssignmentKey>
/** The key, to be encoded. */
export type ConsumerGroupCurrentMemberAssignmentKeyInput = Encodable<
  typeof consumerGroupCurrentMemberAssignmentKey
>

/** The value, decoded. */
export type ConsumerGroupCurrentMemberAssignmentValue = Decoded<
  typeof consumerGroupCurrentMemberAssignmentValue
>
/** The value, to be encoded. */
export type ConsumerGroupCurrentMemberAssignmentValueInput = Encodable<
  typeof consumerGroupCurrentMemberAssignmentValue
>

import { array, int32, string, uuid } from '../field.ts'
import { type Decoded, type Encodable, data } from '../message.ts'

/** Names the record: what a member of a consumer group is to own (KIP-848). */
export const consumerGroupTargetAssignmentMemberKey = data('ConsumerGroupTargetAssignmentMemberKey', '7', {
  groupId: string(),
  memberId: string(),
})

/** What a member of a consumer group is to own (KIP-848). */
export const consumerGroupTargetAssignmentMemberValue = data(
  'ConsumerGroupTargetAssignmentMemberValue',
  '0, flexible 0+',
  {
    topicPartitions: array({
      topicId: uuid(),
      partitions: array(int32()),
    }),
  },
)

/** The key, decoded. */
export type ConsumerGroupTargetAssignmentMemberKey = Decoded<typeof consumerGroupTargetAssignmentMemberKey>
/** The key, to be encoded. */
export type ConsumerGroupTargetAssignmentMemberKeyInput = Encodable<
  typeof consumerGroupTargetAssignmentMemberKey
>

/** The value, decoded. */
export type ConsumerGroupTargetAssignmentMemberValue = Decoded<
  typeof consumerGroupTargetAssignmentMemberValue
>
/** The value, to be encoded. */
export type ConsumerGroupTargetAssignmentMemberValueInput = Encodable<
  typeof consumerGroupTargetAssignmentMemberValue
>

import { array, int32, string, uuid } from '../field.ts'
import { type Decoded, type Encodable, data } from '../message.ts'

/** Names the record: what a member of a share group is to be assigned (KIP-932). */
export const shareGroupTargetAssignmentMemberKey = data('ShareGroupTargetAssignmentMemberKey', '13', {
  groupId: string(),
  memberId: string(),
})

/** What a member of a share group is to be assigned (KIP-932). */
export const shareGroupTargetAssignmentMemberValue = data(
  'ShareGroupTargetAssignmentMemberValue',
  '0, flexible 0+',
  {
    topicPartitions: array({
      topicId: uuid(),
      partitions: array(int32()),
    }),
  },
)

/** The key, decoded. */
export type ShareGroupTargetAssignmentMemberKey = Decoded<typeof shareGroupTargetAssignmentMemberKey>
/** The key, to be encoded. */
export type ShareGroupTargetAssignmentMemberKeyInput = Encodable<typeof shareGroupTargetAssignmentMemberKey>

/** The value, decoded. */
export type ShareGroupTargetAssignmentMemberValue = Decoded<typeof shareGroupTargetAssignmentMemberValue>
/** The value, to be encoded. */
export type ShareGroupTargetAssignmentMemberValueInput = Encodable<
  typeof shareGroupTargetAssignmentMemberValue
>

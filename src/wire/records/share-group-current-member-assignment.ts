import { array, int32, int8, string, uuid } from '../field.ts'
import { type Decoded, type Encodable, data } from '../message.ts'

/** Names the record: what a member of a share group is assigned now (KIP-932). */
export const shareGroupCurrentMemberAssignmentKey = data('ShareGroupCurrentMemberAssignmentKey', '14', {
  groupId: string(),
  memberId: string(),
})

/** What a member of a share group is assigned now (KIP-932). */
export const shareGroupCurrentMemberAssignmentValue = data(
  'ShareGroupCurrentMemberAssignmentValue',
  '0, flexible 0+',
  {
    memberEpoch: int32(),
    previousMemberEpoch: int32(),
    state: int8(),
    assignedPartitions: array({
      topicId: uuid(),
      partitions: array(int32()),
    }),
  },
)

/** The key, decoded. */
export type ShareGroupCurrentMemberAssignmentKey = Decoded<typeof shareGroupCurrentMemberAssignmentKey>
/** The key, to be encoded. */
export type ShareGroupCurrentMemberAssignmentKeyInput = Encodable<typeof shareGroupCurrentMemberAssignmentKey>

/** The value, decoded. */
export type ShareGroupCurrentMemberAssignmentValue = Decoded<typeof shareGroupCurrentMemberAssignmentValue>
/** The value, to be encoded. */
export type ShareGroupCurrentMemberAssignmentValueInput = Encodable<
  typeof shareGroupCurrentMemberAssignmentValue
>

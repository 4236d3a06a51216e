import { int32, int64, string } from '../field.ts'
import { type Decoded, type Encodable, data } from '../message.ts'

/** Names the record: the epoch of the target assignment of a share group (KIP-932). */
export const shareGroupTargetAssignmentMetadataKey = data('ShareGroupTargetAssignmentMetadataKey', '12', {
  groupId: string(),
})

/** The epoch of the target assignment of a share group (KIP-932). */
export const shareGroupTargetAssignmentMetadataValue = data(
  'ShareGroupTargetAssignmentMetadataValue',
  '0, flexible 0+',
  {
    assignmentEpoch: int32(),
    assignmentTimestamp: int64().tagged(0).ignorable().default(0),
  },
)

/** The key, decoded. */
export type ShareGroupTargetAssignmentMetadataKey = Decoded<typeof shareGroupTargetAssignmentMetadataKey>
/** The key, to be encoded. */
export type ShareGroupTargetAssignmentMetadataKeyInput = Encodable<
  typeof shareGroupTargetAssignmentMetadataKey
>

/** The value, decoded. */
export type ShareGroupTargetAssignmentMetadataValue = Decoded<typeof shareGroupTargetAssignmentMetadataValue>
/** The value, to be encoded. */
export type ShareGroupTargetAssignmentMetadataValueInput = Encodable<
  typeof shareGroupTargetAssignmentMetadataValue
>

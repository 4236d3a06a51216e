import { int32, int64, string } from '../field.ts'
import { type Decoded, type Encodable, data } from '../message.ts'

/** Names the record: the epoch of the target assignment of a streams group (KIP-1071). */
export const streamsGroupTargetAssignmentMetadataKey = data('StreamsGroupTargetAssignmentMetadataKey', '20', {
  groupId: string(),
})

/** The epoch of the target assignment of a streams group (KIP-1071). */
export const streamsGroupTargetAssignmentMetadataValue = data(
  'StreamsGroupTargetAssignmentMetadataValue',
  '0, flexible 0+',
  {
    assignmentEpoch: int32(),
    assignmentTimestamp: int64().tagged(0).ignorable().default(0),
  },
)

/** The key, decoded. */
export type StreamsGroupTargetAssignmentMetadataKey = Decoded<typeof streamsGroupTargetAssignmentMetadataKey>
/** The key, to be encoded. */
export type StreamsGroupTargetAssignmentMetadataKeyInput = Encodable<
  typeof streamsGroupTargetAssignmentMetadataKey
>

/** The value, decoded. */
export type StreamsGroupTargetAssignmentMetadataValue = Decoded<
  typeof streamsGroupTargetAssignmentMetadataValue
>
/** The value, to be encoded. */
export type StreamsGroupTargetAssignmentMetadataValueInput = Encodable<
  typeof streamsGroupTargetAssignmentMetadataValue
>

import { int32, int64, string } from '../field.ts'
import { type Decoded, type Encodable, data } from '../message.ts'

/** Names the record: the epoch of the target assignment of a consumer group (KIP-848). */
export const consumerGroupTargetAssignmentMetadataKey = data(
  'ConsumerGroupTargetAssignmentMetadataKey',
  '6',
  {
    groupId: string(),
  },
)

/** The epoch of the target assignment of a consumer group (KIP-848). */
export const consumerGroupTargetAssignmentMetadataValue = data(
  'ConsumerGroupTargetAssignmentMetadataValue',
  '0, flexible 0+',
  {
    assignmentEpoch: int32(),
    assignmentTimestamp: int64().tagged(0).ignorable().default(0),
  },
)

/** The key, decoded. */
export type ConsumerGroupTargetAssignmentMetadataKey = Decoded<
  typeof consumerGroupTargetAssignmentMetadataKey
>
/** The key, to be encoded. */
export type ConsumerGroupTargetAssignmentMetadataKeyInput = Encodable<
  typeof consumerGroupTargetAssignmentMetadataKey
>

/** The value, decoded. */
export type ConsumerGroupTargetAssignmentMetadataValue = Decoded<
  typeof consumerGroupTargetAssignmentMetadataValue
>
/** The value, to be encoded. */
export type ConsumerGroupTargetAssignmentMetadataValueInput = Encodable<
  typeof consumerGroupTargetAssignmentMetadataValue
>

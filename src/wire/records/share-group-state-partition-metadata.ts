import { array, int32, string, struct, uuid } from '../field.ts'
import { type Decoded, type Encodable, data } from '../message.ts'

/** Names the record: which share partitions of a group have state (KIP-932). */
export const shareGroupStatePartitionMetadataKey = data('ShareGroupStatePartitionMetadataKey', '15', {
  groupId: string(),
})

const topicPartitionsInfo = struct({
  topicId: uuid(),
  topicName: string(),
  partitions: array(int32()),
})

/** Which share partitions of a group have state (KIP-932). */
export const shareGroupStatePartitionMetadataValue = data(
  'ShareGroupStatePartitionMetadataValue',
  '0, flexible 0+',
  {
    initializingTopics: array(topicPartitionsInfo),
    initializedTopics: array(topicPartitionsInfo),
    deletingTopics: array({
      topicId: uuid(),
      topicName: string(),
    }),
  },
)

/** The key, decoded. */
export type ShareGroupStatePartitionMetadataKey = Decoded<typeof shareGroupStatePartitionMetadataKey>
/** The key, to be encoded. */
export type ShareGroupStatePartitionMetadataKeyInput = Encodable<typeof shareGroupStatePartitionMetadataKey>

/** The value, decoded. */
export type ShareGroupStatePartitionMetadataValue = Decoded<typeof shareGroupStatePartitionMetadataValue>
/** The value, to be encoded. */
export type ShareGroupStatePartitionMetadataValueInput = Encodable<
  typeof shareGroupStatePartitionMetadataValue
>

import { array, int32, string, uuid } from '../field.ts'
import { type Decoded, type Encodable, data } from '../message.ts'

/** Names the record: the topics that a consumer group subscribes to, as they last were (KIP-848). */
export const consumerGroupPartitionMetadataKey = data('ConsumerGroupPartitionMetadataKey', '4', {
  groupId: string(),
})

/** The topics that a consumer group subscribes to, as they last were (KIP-848); no longer written since 4.1. */
export const consumerGroupPartitionMetadataValue = data(
  'ConsumerGroupPartitionMetadataValue',
  '0, flexible 0+',
  {
    topics: array({
      topicId: uuid(),
      topicName: string(),
      numPartitions: int32(),
      partitionMetadata: array({
        partition: int32(),
        racks: array(string()),
      }),
    }),
  },
)

/** The key, decoded. */
export type ConsumerGroupPartitionMetadataKey = Decoded<typeof consumerGroupPartitionMetadataKey>
/** The key, to be encoded. */
export type ConsumerGroupPartitionMetadataKeyInput = Encodable<typeof consumerGroupPartitionMetadataKey>

/** The value, decoded. */
export type ConsumerGroupPartitionMetadataValue = Decoded<typeof consumerGroupPartitionMetadataValue>
/** The value, to be encoded. */
export type ConsumerGroupPartitionMetadataValueInput = Encodable<typeof consumerGroupPartitionMetadataValue>

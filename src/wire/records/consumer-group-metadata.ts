import { int32, int64, string } from '../field.ts'
import { type Decoded, type Encodable, data } from '../message.ts'

/** Names the record: the epoch of a consumer group (KIP-848). */
export const consumerGroupMetadataKey = data('ConsumerGroupMetadataKey', '3', {
  groupId: string(),
})

/** The epoch of a consumer group (KIP-848). */
export const consumerGroupMetadataValue = data('ConsumerGroupMetadataValue', '0, flexible 0+', {
  epoch: int32(),
  metadataHash: int64().tagged(0).default(0),
})

/** The key, decoded. */
export type ConsumerGroupMetadataKey = Decoded<typeof consumerGroupMetadataKey>
/** The key, to be encoded. */
export type ConsumerGroupMetadataKeyInput = Encodable<typeof consumerGroupMetadataKey>

/** The value, decoded. */
export type ConsumerGroupMetadataValue = Decoded<typeof consumerGroupMetadataValue>
/** The value, to be encoded. */
export type ConsumerGroupMetadataValueInput = Encodable<typeof consumerGroupMetadataValue>

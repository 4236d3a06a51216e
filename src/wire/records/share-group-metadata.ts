import { int32, int64, string } from '../field.ts'
import { type Decoded, type Encodable, data } from '../message.ts'

/** Names the record: the epoch of a share group (KIP-932). */
export const shareGroupMetadataKey = data('ShareGroupMetadataKey', '11', {
  groupId: string(),
})

/** The epoch of a share group (KIP-932). */
export const shareGroupMetadataValue = data('ShareGroupMetadataValue', '0, flexible 0+', {
  epoch: int32(),
  metadataHash: int64(),
})

/** The key, decoded. */
export type ShareGroupMetadataKey = Decoded<typeof shareGroupMetadataKey>
/** The key, to be encoded. */
export type ShareGroupMetadataKeyInput = Encodable<typeof shareGroupMetadataKey>

/** The value, decoded. */
export type ShareGroupMetadataValue = Decoded<typeof shareGroupMetadataValue>
/** The value, to be encoded. */
export type ShareGroupMetadataValueInput = Encodable<typeof shareGroupMetadataValue>

import { array, string } from '../field.ts'
import { type Decoded, type Encodable, data } from '../message.ts'

/** Names the record: a member of a share group, as it described itself (KIP-932). */
export const shareGroupMemberMetadataKey = data('ShareGroupMemberMetadataKey', '10', {
  groupId: string(),
  memberId: string(),
})

/** A member of a share group, as it described itself (KIP-932). */
export const shareGroupMemberMetadataValue = data('ShareGroupMemberMetadataValue', '0, flexible 0+', {
  rackId: string().nullable(),
  clientId: string(),
  clientHost: string(),
  subscribedTopicNames: array(string()),
})

/** The key, decoded. */
export type ShareGroupMemberMetadataKey = Decoded<typeof shareGroupMemberMetadataKey>
/** The key, to be encoded. */
export type ShareGroupMemberMetadataKeyInput = Encodable<typeof shareGroupMemberMetadataKey>

/** The value, decoded. */
export type ShareGroupMemberMetadataValue = Decoded<typeof shareGroupMemberMetadataValue>
/** The value, to be encoded. */
export type ShareGroupMemberMetadataValueInput = Encodable<typeof shareGroupMemberMetadataValue>

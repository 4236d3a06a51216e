import { array, bytes, int32, string, struct } from '../field.ts'
import { type Decoded, type Encodable, data } from '../message.ts'

/** Names the record: a member of a consumer group, as it described itself (KIP-848). */
export const consumerGroupMemberMetadataKey = data('ConsumerGroupMemberMetadataKey', '5', {
  groupId: string(),
  memberId: string(),
})

/** A member of a consumer group, as it described itself (KIP-848). */
export const consumerGroupMemberMetadataValue = data('ConsumerGroupMemberMetadataValue', '0, flexible 0+', {
  instanceId: string().nullable(),
  rackId: string().nullable(),
  clientId: string(),
  clientHost: string(),
  subscribedTopicNames: array(string()),
  subscribedTopicRegex: string().nullable(),
  rebalanceTimeoutMs: int32().default(-1),
  serverAssignor: string().nullable(),
  classicMemberMetadata: struct({
    sessionTimeoutMs: int32(),
    supportedProtocols: array({
      name: string(),
      metadata: bytes(),
    }),
  })
    .nullable()
    .tagged(0),
})

/** The key, decoded. */
export type ConsumerGroupMemberMetadataKey = Decoded<typeof consumerGroupMemberMetadataKey>
/** The key, to be encoded. */
export type ConsumerGroupMemberMetadataKeyInput = Encodable<typeof consumerGroupMemberMetadataKey>

/** The value, decoded. */
export type ConsumerGroupMemberMetadataValue = Decoded<typeof consumerGroupMemberMetadataValue>
/** The value, to be encoded. */
export type ConsumerGroupMemberMetadataValueInput = Encodable<typeof consumerGroupMemberMetadataValue>

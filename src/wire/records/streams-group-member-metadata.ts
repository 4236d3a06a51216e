import { array, int32, string, struct, uint16 } from '../field.ts'
import { type Decoded, type Encodable, data } from '../message.ts'

/** Names the record: a member of a streams group, as it described itself (KIP-1071). */
export const streamsGroupMemberMetadataKey = data('StreamsGroupMemberMetadataKey', '19', {
  groupId: string(),
  memberId: string(),
})

/** A member of a streams group, as it described itself (KIP-1071). */
export const streamsGroupMemberMetadataValue = data('StreamsGroupMemberMetadataValue', '0, flexible 0+', {
  instanceId: string().nullable(),
  rackId: string().nullable(),
  clientId: string(),
  clientHost: string(),
  rebalanceTimeoutMs: int32().default(-1),
  topologyEpoch: int32(),
  processId: string(),
  userEndpoint: struct({
    host: string(),
    port: uint16(),
  })
    .nullable()
    .default(null),
  clientTags: array({
    key: string(),
    value: string(),
  }),
})

/** The key, decoded. */
export type StreamsGroupMemberMetadataKey = Decoded<typeof streamsGroupMemberMetadataKey>
/** The key, to be encoded. */
export type StreamsGroupMemberMetadataKeyInput = Encodable<typeof streamsGroupMemberMetadataKey>

/** The value, decoded. */
export type StreamsGroupMemberMetadataValue = Decoded<typeof streamsGroupMemberMetadataValue>
/** The value, to be encoded. */
export type StreamsGroupMemberMetadataValueInput = Encodable<typeof streamsGroupMemberMetadataValue>

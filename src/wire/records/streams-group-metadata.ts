import { array, int32, int64, string } from '../field.ts'
import { type Decoded, type Encodable, data } from '../message.ts'

/** Names the record: the epoch of a streams group (KIP-1071). */
export const streamsGroupMetadataKey = data('StreamsGroupMetadataKey', '17', {
  groupId: string(),
})

/** The epoch of a streams group (KIP-1071). */
export const streamsGroupMetadataValue = data('StreamsGroupMetadataValue', '0, flexible 0+', {
  epoch: int32(),
  metadataHash: int64(),
  validatedTopologyEpoch: int32().tagged(0).default(-1),
  lastAssignmentConfigs: array({
    key: string(),
    value: string(),
  })
    .nullable()
    .tagged(1),
})

/** The key, decoded. */
export type StreamsGroupMetadataKey = Decoded<typeof streamsGroupMetadataKey>
/** The key, to be encoded. */
export type StreamsGroupMetadataKeyInput = Encodable<typeof streamsGroupMetadataKey>

/** The value, decoded. */
export type StreamsGroupMetadataValue = Decoded<typeof streamsGroupMetadataValue>
/** The value, to be encoded. */
export type StreamsGroupMetadataValueInput = Encodable<typeof streamsGroupMetadataValue>

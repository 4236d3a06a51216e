import { array, int16, int32, int64, int8, string, uuid } from '../field.ts'
import { type Decoded, type Encodable, data } from '../message.ts'

/** Names the record: what has changed in a share partition since its last snapshot (KIP-932). */
export const shareUpdateKey = data('ShareUpdateKey', '1', {
  groupId: string(),
  topicId: uuid(),
  partition: int32(),
})

/** What has changed in a share partition since its last snapshot (KIP-932). */
export const shareUpdateValue = data('ShareUpdateValue', '0, flexible 0+', {
  snapshotEpoch: int32(),
  leaderEpoch: int32(),
  startOffset: int64(),
  deliveryCompleteCount: int32().tagged(0).default(-1),
  stateBatches: array({
    firstOffset: int64(),
    lastOffset: int64(),
    deliveryState: int8(),
    deliveryCount: int16(),
  }),
})

/** The key, decoded. */
export type ShareUpdateKey = Decoded<typeof shareUpdateKey>
/** The key, to be encoded. */
export type ShareUpdateKeyInput = Encodable<typeof shareUpdateKey>

/** The value, decoded. */
export type ShareUpdateValue = Decoded<typeof shareUpdateValue>
/** The value, to be encoded. */
export type ShareUpdateValueInput = Encodable<typeof shareUpdateValue>

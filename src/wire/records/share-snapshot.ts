import { array, int16, int32, int64, int8, string, uuid } from '../field.ts'
import { type Decoded, type Encodable, data } from '../message.ts'

/** Names the record: the whole state of a share partition (KIP-932). */
export const shareSnapshotKey = data('ShareSnapshotKey', '0', {
  groupId: string(),
  topicId: uuid(),
  partition: int32(),
})

/** The whole state of a share partition (KIP-932). */
export const shareSnapshotValue = data('ShareSnapshotValue', '0, flexible 0+', {
  snapshotEpoch: int32(),
  stateEpoch: int32(),
  leaderEpoch: int32(),
  startOffset: int64(),
  deliveryCompleteCount: int32().tagged(0).default(-1),
  createTimestamp: int64(),
  writeTimestamp: int64(),
  stateBatches: array({
    firstOffset: int64(),
    lastOffset: int64(),
    deliveryState: int8(),
    deliveryCount: int16(),
  }),
})

/** The key, decoded. */
export type ShareSnapshotKey = Decoded<typeof shareSnapshotKey>
/** The key, to be encoded. */
export type ShareSnapshotKeyInput = Encodable<typeof shareSnapshotKey>

/** The value, decoded. */
export type ShareSnapshotValue = Decoded<typeof shareSnapshotValue>
/** The value, to be encoded. */
export type ShareSnapshotValueInput = Encodable<typeof shareSnapshotValue>

import { int32, int64, string, uuid } from '../field.ts'
import { type Decoded, type Encodable, data } from '../message.ts'

/** Names the record: an offset that a group has committed, as the first releases kept it. */
export const legacyOffsetCommitKey = data('LegacyOffsetCommitKey', '0', {
  group: string(),
  topic: string(),
  partition: int32(),
})

/** Names the record: an offset that a group has committed. */
export const offsetCommitKey = data('OffsetCommitKey', '1', {
  group: string(),
  topic: string(),
  partition: int32(),
})

/** An offset that a group has committed, as the first releases kept it. */
export const legacyOffsetCommitValue = data('LegacyOffsetCommitValue', '0', {
  offset: int64(),
  metadata: string(),
  commitTimestamp: int64(),
})

/** An offset that a group has committed. */
export const offsetCommitValue = data('OffsetCommitValue', '0-4, flexible 4+', {
  offset: int64(),
  leaderEpoch: int32().since(3).ignorable().default(-1),
  metadata: string(),
  commitTimestamp: int64(),
  expireTimestamp: int64().since(1).until(1).ignorable().default(-1),
  topicId: uuid().since(4).tagged(0).ignorable(),
})

/** The key, decoded. */
export type LegacyOffsetCommitKey = Decoded<typeof legacyOffsetCommitKey>
/** The key, to be encoded. */
export type LegacyOffsetCommitKeyInput = Encodable<typeof legacyOffsetCommitKey>

/** The key, decoded. */
export type OffsetCommitKey = Decoded<typeof offsetCommitKey>
/** The key, to be encoded. */
export type OffsetCommitKeyInput = Encodable<typeof offsetCommitKey>

/** The value, decoded. */
export type LegacyOffsetCommitValue = Decoded<typeof legacyOffsetCommitValue>
/** The value, to be encoded. */
export type LegacyOffsetCommitValueInput = Encodable<typeof legacyOffsetCommitValue>

/** The value, decoded. */
export type OffsetCommitValue = Decoded<typeof offsetCommitValue>
/** The value, to be encoded. */
export type OffsetCommitValueInput = Encodable<typeof offsetCommitValue>

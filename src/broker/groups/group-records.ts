import {
  type GroupMetadataValue,
  groupMetadataKey,
  groupMetadataValue,
} from '../../wire/records/group-metadata.ts'
import {
  legacyOffsetCommitKey,
  offsetCommitKey,
  offsetCommitValue,
} from '../../wire/records/offset-commit.ts'
import { decodeVersioned, encodeVersioned, versionOf } from '../../wire/versioned.ts'
import type { CoordinatorRecord } from './coordinator-log.ts'
import type { CommittedOffset } from './group-offsets.ts'

/**
 * The records of `__consumer_offsets` that tell of classic groups, in the versions that Kafka 4.3 writes; all older ones
 * are read. The version in front of a key says what kind of record it is.
 */

const offsetKeyVersion = 1
const offsetValueVersion = 4
/** Newer versions have no room for an expiry of an offset's own. */
const expiringOffsetValueVersion = 1
const groupKeyVersion = 2
const groupValueVersion = 3

/** What a record is about. */
export type RecordSubject =
  | {
      readonly kind: 'offset'
      readonly groupId: string
      readonly topic: string
      readonly partition: number
    }
  | { readonly kind: 'group'; readonly groupId: string }

/** OffsetCommitKey and OffsetCommitValue: a group has come so far in a partition. */
export function offsetRecord(
  groupId: string,
  topic: string,
  partition: number,
  committed: CommittedOffset,
): CoordinatorRecord {
  const isExpiring = committed.expireTimestampMs !== -1
  const value = encodeVersioned(
    offsetCommitValue,
    isExpiring ? expiringOffsetValueVersion : offsetValueVersion,
    {
      offset: committed.offset,
      leaderEpoch: committed.leaderEpoch,
      metadata: committed.metadata,
      commitTimestamp: committed.commitTimestampMs,
      expireTimestamp: committed.expireTimestampMs,
      topicId: committed.topicId,
    },
  )
  return { key: offsetKey(groupId, topic, partition), value }
}

/** Deletes what {@link offsetRecord} has written. */
export function offsetTombstone(groupId: string, topic: string, partition: number): CoordinatorRecord {
  return { key: offsetKey(groupId, topic, partition), value: null }
}

/** GroupMetadataKey and GroupMetadataValue: a generation of a group. */
export function groupRecord(groupId: string, value: GroupMetadataValue): CoordinatorRecord {
  return { key: groupKey(groupId), value: encodeVersioned(groupMetadataValue, groupValueVersion, value) }
}

/** Deletes what {@link groupRecord} has written. */
export function groupTombstone(groupId: string): CoordinatorRecord {
  return { key: groupKey(groupId), value: null }
}

/**
 * What the record with this key is about; undefined for a kind that is not known here, such as those of the newer
 * protocols.
 *
 * @throws WireError if the key is malformed
 */
export function recordSubject(key: Buffer): RecordSubject | undefined {
  const version = versionOf(key)
  if (version > groupKeyVersion) return undefined
  if (version === groupKeyVersion)
    return { kind: 'group', groupId: decodeVersioned([groupMetadataKey], key).value.group }
  const { group, topic, partition } = decodeVersioned([legacyOffsetCommitKey, offsetCommitKey], key).value
  return { kind: 'offset', groupId: group, topic, partition }
}

/** @throws WireError if the value is malformed, or of a version that is not known */
export function parseGroup(value: Buffer): GroupMetadataValue {
  return decodeVersioned([groupMetadataValue], value).value
}

/** @throws WireError if the value is malformed, or of a version that is not known */
export function parseOffset(value: Buffer): CommittedOffset {
  const stored = decodeVersioned([offsetCommitValue], value).value
  return {
    offset: stored.offset,
    leaderEpoch: stored.leaderEpoch,
    metadata: stored.metadata,
    commitTimestampMs: stored.commitTimestamp,
    expireTimestampMs: stored.expireTimestamp,
    topicId: stored.topicId,
  }
}

function offsetKey(group: string, topic: string, partition: number): Buffer {
  return encodeVersioned(offsetCommitKey, offsetKeyVersion, { group, topic, partition })
}

function groupKey(group: string): Buffer {
  return encodeVersioned(groupMetadataKey, groupKeyVersion, { group })
}

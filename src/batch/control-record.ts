import { InvalidRecordError } from '../base/errors.ts'
import { sizeOfUnsignedVarint, VarintReader, writeUnsignedVarint } from '../base/varint.ts'
import { encodeBatch } from './encode-batch.ts'
import type { LogRecord } from './log-record.ts'

/**
 * Control records: what brokers write between the data. Each is alone in a control batch, consumes one offset and
 * is never shown to applications. Key: version int16 (0), type int16. Value: version int16, then what the type has.
 */

/** By type number, as in the key. */
const controlTypes = [
  'ABORT',
  'COMMIT',
  'LEADER_CHANGE',
  'SNAPSHOT_HEADER',
  'SNAPSHOT_FOOTER',
  'KRAFT_VERSION',
  'KRAFT_VOTERS',
] as const

/** `UNKNOWN` is any type of a later Kafka: to be passed over. */
export type ControlType = (typeof controlTypes)[number] | 'UNKNOWN'

/** How a transaction ended. */
export type EndTransactionType = 'ABORT' | 'COMMIT'

/** What a control record says, as far as it is known here. */
export type ControlRecord =
  | {
      readonly type: EndTransactionType
      /** Epoch of the transaction coordinator that ended the transaction. */
      readonly coordinatorEpoch: number
    }
  | { readonly type: Exclude<ControlType, EndTransactionType> }

export interface EndTransactionMarker {
  readonly type: EndTransactionType
  readonly coordinatorEpoch: number
  readonly producerId: number
  readonly producerEpoch: number
  readonly timestampMs: number
  /** Default 0, to be assigned when the marker is appended. */
  readonly baseOffset?: number
  /** Default -1, to be assigned when the marker is appended. */
  readonly partitionLeaderEpoch?: number
}

/** Who leads a partition from here on, in a log whose replicas elect their leader themselves (KIP-595). */
export interface LeaderChange {
  readonly leaderId: number
  readonly voters: readonly number[]
  /** Those of the voters who voted for the leader. */
  readonly grantingVoters: readonly number[]
}

export interface LeaderChangeBatch extends LeaderChange {
  readonly timestampMs: number
  readonly baseOffset: number
  readonly partitionLeaderEpoch: number
}

const keyBytes = 4
const markerValueBytes = 6
const leaderChangeHeadBytes = 6

/** Encodes the batch that ends a producer's transaction in one partition (KIP-98): 78 bytes. */
export function encodeEndTransactionMarker(marker: EndTransactionMarker): Buffer {
  const value = Buffer.alloc(markerValueBytes)
  value.writeInt32BE(marker.coordinatorEpoch, 2)
  return encodeBatch([{ key: encodeKey(marker.type), value }], {
    now: marker.timestampMs,
    baseOffset: marker.baseOffset ?? 0,
    partitionLeaderEpoch: marker.partitionLeaderEpoch ?? -1,
    producerId: marker.producerId,
    producerEpoch: marker.producerEpoch,
    isTransactional: true,
    isControl: true,
  })
}

/** Encodes the batch that a newly elected leader of such a log begins with. */
export function encodeLeaderChange(change: LeaderChangeBatch): Buffer {
  return encodeBatch([{ key: encodeKey('LEADER_CHANGE'), value: encodeLeaderChangeValue(change) }], {
    now: change.timestampMs,
    baseOffset: change.baseOffset,
    partitionLeaderEpoch: change.partitionLeaderEpoch,
    isControl: true,
  })
}

/**
 * Reads a record of a control batch.
 *
 * @throws InvalidRecordError when its key, or the value of a transaction marker, is too short
 */
export function readControlRecord(record: LogRecord): ControlRecord {
  const { key, offset } = record
  if (key === null || key.length < keyBytes)
    throw new InvalidRecordError(`control record ${offset}: no type in its key`)
  const type = controlTypes[key.readInt16BE(2)] ?? 'UNKNOWN'
  if (type !== 'ABORT' && type !== 'COMMIT') return { type }
  return { type, coordinatorEpoch: valueOf(record, markerValueBytes).readInt32BE(2) }
}

/**
 * Reads the value of a `LEADER_CHANGE` record.
 *
 * @throws InvalidRecordError when it is malformed
 */
export function readLeaderChange(record: LogRecord): LeaderChange {
  const value = valueOf(record, leaderChangeHeadBytes)
  const refuse = (reason: string): never => {
    throw new InvalidRecordError(`control record ${record.offset}: ${reason}`)
  }
  const reader = new VarintReader(value, leaderChangeHeadBytes, value.length, refuse)
  return {
    leaderId: value.readInt32BE(2),
    voters: readVoters(value, reader, refuse),
    grantingVoters: readVoters(value, reader, refuse),
  }
}

function encodeKey(type: (typeof controlTypes)[number]): Buffer {
  const key = Buffer.alloc(keyBytes)
  key.writeInt16BE(controlTypes.indexOf(type), 2)
  return key
}

/** Leader id int32, two compact arrays of voters, no tagged fields. */
function encodeLeaderChangeValue(change: LeaderChange): Buffer {
  const head = Buffer.alloc(leaderChangeHeadBytes)
  head.writeInt32BE(change.leaderId, 2)
  return Buffer.concat([head, encodeVoters(change.voters), encodeVoters(change.grantingVoters), noTags])
}

const noTags = Buffer.alloc(1)
/** Voter id int32, and the count of its tagged fields. */
const voterBytes = 5

/** A compact array: its count and one, as an unsigned varint, and the voters. */
function encodeVoters(voters: readonly number[]): Buffer {
  const countBytes = sizeOfUnsignedVarint(voters.length + 1)
  const encoded = Buffer.alloc(countBytes + voters.length * voterBytes)
  writeUnsignedVarint(encoded, voters.length + 1, 0)
  for (const [index, id] of voters.entries()) encoded.writeInt32BE(id, countBytes + index * voterBytes)
  return encoded
}

function readVoters(value: Buffer, reader: VarintReader, refuse: (reason: string) => never): number[] {
  const count = reader.readUnsignedVarint() - 1
  if (count * voterBytes > value.length - reader.position)
    refuse(`${count} voters where there is no room for them`)
  const voters: number[] = []
  for (let index = 0; index < count; index++) {
    voters.push(value.readInt32BE(reader.position))
    reader.position += 4
    if (reader.readUnsignedVarint() !== 0) refuse('a voter with tagged fields, which are not known')
  }
  return voters
}

function valueOf(record: LogRecord, minimumBytes: number): Buffer {
  const { value, offset } = record
  if (value !== null && value.length >= minimumBytes) return value
  throw new InvalidRecordError(`control record ${offset}: its value is shorter than ${minimumBytes} bytes`)
}

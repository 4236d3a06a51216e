/**
 * The record batch, Kafka's unit of everything: what a producer encodes, a log stores and a consumer reads. All
 * integers are big-endian. Writer and reader of the format meet in this file only.
 *
 * Record batch, magic 2 (KIP-98), 61 bytes and then its records:
 *
 *   0  baseOffset int64          assigned by the leader; kept by compaction, so its record may be gone
 *   8  batchLength int32         size of the whole batch less these first 12 bytes
 *  12  partitionLeaderEpoch int32  assigned by the leader, -1 from a producer
 *  16  magic int8                2
 *  17  crc uint32                CRC-32C of everything from `attributes` to the end
 *  21  attributes int16          the bits below
 *  23  lastOffsetDelta int32     last offset less base offset, also of sequences; kept by compaction
 *  27  baseTimestamp int64       what timestamp deltas count from; the delete horizon when that bit is set
 *  35  maxTimestamp int64        under LogAppendTime the timestamp of every record
 *  43  producerId int64          -1 without an idempotent producer, and so the next two
 *  51  producerEpoch int16
 *  53  baseSequence int32        -1 in control batches
 *  57  recordsCount int32        0 in a header-only batch, which compaction leaves to keep a producer's sequence
 *  61  records                   one compressed block if the attributes name a codec
 *
 * The first four fields lie outside the checksum: a leader stamps offset and epoch without touching the rest.
 *
 * Record: length varint (of what follows), attributes int8 (0), timestampDelta varlong, offsetDelta varint,
 * key length varint (-1 null) and key, value length varint (-1 null) and value, headers count varint, and per
 * header: key length varint and key (UTF-8, never null), value length varint (-1 null) and value.
 *
 * Legacy message, magic 0 and 1, one entry of a message set:
 *
 *   0  offset int64, size int32  as above: size counts what follows it
 *  12  crc uint32                CRC-32 (IEEE) of everything from `magic` to the end
 *  16  magic int8                0 or 1
 *  17  attributes int8           codec and timestamp type bits as above
 *  18  timestamp int64           magic 1 only
 *      key length int32 (-1 null), key, value length int32 (-1 null), value
 *
 * A compressed legacy entry is a wrapper whose value is a whole message set and whose offset is the last inner
 * one; with magic 1 the inner offsets count from 0 (KIP-31).
 */

/** Who set the timestamps of a batch: its producer, or the broker when it appended. */
export type TimestampType = 'CreateTime' | 'LogAppendTime'

export const baseOffsetPosition = 0
export const batchLengthPosition = 8
export const partitionLeaderEpochPosition = 12
export const magicPosition = 16
export const crcPosition = 17
export const attributesPosition = 21
export const lastOffsetDeltaPosition = 23
export const baseTimestampPosition = 27
export const maxTimestampPosition = 35
export const producerIdPosition = 43
export const producerEpochPosition = 51
export const baseSequencePosition = 53
export const recordsCountPosition = 57

/** Base offset and length: the bytes in front of every entry that its length field does not count. */
export const logOverhead = 12
/** Bytes needed to tell the size and the version of an entry. */
export const headerSizeUpToMagic = 17
/** Header of a magic 2 batch: what a batch without records takes. */
export const recordBatchOverhead = 61
/** Smallest legal length field, that of an empty magic 0 message. Anything less is damage. */
export const minimumRecordSize = 14
/** Most bytes a record takes beyond its key, value and headers, not counting its length. */
export const maximumRecordOverhead = 21

/** The version this library writes. Magic 0 and 1 are read only. */
export const currentMagic = 2

export const noTimestamp = -1
export const noProducerId = -1
export const noProducerEpoch = -1
export const noSequence = -1
export const noPartitionLeaderEpoch = -1

/** Attribute bits. Bits 0 to 2 are the codec's id; 7 to 15 are unused. */
export const compressionMask = 0x07
export const logAppendTimeBit = 0x08
export const transactionalBit = 0x10
export const controlBit = 0x20
export const deleteHorizonBit = 0x40

export const legacyCrcPosition = 12
export const legacyAttributesPosition = 17
export const legacyTimestampPosition = 18
/** Where the key's length begins in a magic 0 and in a magic 1 message. */
export const legacyKeyPositions = [18, 26] as const

/** `sequence` moved on by `count`. Sequences wrap to 0 after 2^31-1. */
export function incrementSequence(sequence: number, count: number): number {
  return (sequence + count) % 0x8000_0000
}

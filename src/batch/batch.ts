import { crc32cRange } from '../../native-free/crc32c.ts'
import { isSafeInt64, readInt64 } from '../base/int64.ts'
import { type CompressionName, compressionName } from './compression.ts'
import {
  attributesPosition,
  baseOffsetPosition,
  baseSequencePosition,
  baseTimestampPosition,
  batchLengthPosition,
  compressionMask,
  controlBit,
  crcPosition,
  currentMagic,
  deleteHorizonBit,
  headerSizeUpToMagic,
  incrementSequence,
  lastOffsetDeltaPosition,
  legacyAttributesPosition,
  legacyCrcPosition,
  legacyTimestampPosition,
  logAppendTimeBit,
  logOverhead,
  magicPosition,
  maxTimestampPosition,
  minimumRecordSize,
  noPartitionLeaderEpoch,
  noProducerEpoch,
  noProducerId,
  noSequence,
  noTimestamp,
  partitionLeaderEpochPosition,
  producerEpochPosition,
  producerIdPosition,
  recordBatchOverhead,
  recordsCountPosition,
  type TimestampType,
  transactionalBit,
} from './format.ts'
import { legacyCrc, legacyRecords } from './legacy.ts'
import type { LogRecord } from './log-record.ts'
import { RecordReader, type RecordsOptions } from './record-reader.ts'

type Int64Field = readonly [position: number, name: string]
const offsetField: Int64Field = [baseOffsetPosition, 'base offset']

/** By magic: what a header of that version takes and which int64 fields it has, with their names for errors. */
const versions: readonly { readonly leastBytes: number; readonly int64Fields: readonly Int64Field[] }[] = [
  { leastBytes: logOverhead + minimumRecordSize, int64Fields: [offsetField] },
  {
    leastBytes: logOverhead + minimumRecordSize + 8,
    int64Fields: [offsetField, [legacyTimestampPosition, 'timestamp']],
  },
  {
    leastBytes: recordBatchOverhead,
    int64Fields: [
      offsetField,
      [baseTimestampPosition, 'base timestamp'],
      [maxTimestampPosition, 'max timestamp'],
      [producerIdPosition, 'producer id'],
    ],
  },
]

/**
 * A view of one batch inside a buffer: nothing is copied and nothing is kept, so a header patched in place is seen
 * at once. Every getter reads the bytes; they may be called once {@link Batch.isValid} has said that the header is whole,
 * and until then only `baseOffset`, `sizeBytes`, `endPosition` and `magic`, which need the first 17 bytes.
 *
 * Entries of a legacy message set (magic 0 and 1) are batches too: of one record, or of those inside a compressed
 * wrapper. For a wrapper `baseOffset`, `recordsCount` and `lastOffsetDelta` have to expand it.
 */
export class Batch {
  readonly buffer: Buffer
  /** Byte in `buffer` at which the batch begins. */
  readonly start: number

  constructor(buffer: Buffer, start = 0) {
    this.buffer = buffer
    this.start = start
  }

  /** Offset of the first record the batch was written with, which compaction may have removed since. */
  get baseOffset(): number {
    if (this.#isLegacyWrapper) return legacyRecords(this, {})[0]?.offset ?? this.lastOffset
    return readInt64(this.buffer, this.start + baseOffsetPosition, 'baseOffset')
  }

  /** The length field: size in bytes less the 12 in front of it. */
  get batchLength(): number {
    return this.buffer.readInt32BE(this.start + batchLengthPosition)
  }

  /** Bytes the whole batch takes, header included, as its length field says. */
  get sizeBytes(): number {
    return this.batchLength + logOverhead
  }

  /** The bytes of the batch alone: `buffer` itself when there is nothing else in it. */
  get bytes(): Buffer {
    const { start, endPosition } = this
    const isWhole = start === 0 && endPosition === this.buffer.length
    return isWhole ? this.buffer : this.buffer.subarray(start, endPosition)
  }

  /** Byte in `buffer` at which the batch ends (exclusive). */
  get endPosition(): number {
    return this.start + this.sizeBytes
  }

  /** Epoch of the leader that appended the batch; -1 from a producer. */
  get partitionLeaderEpoch(): number {
    if (this.#isLegacy) return noPartitionLeaderEpoch
    return this.buffer.readInt32BE(this.start + partitionLeaderEpochPosition)
  }

  /** Version of the format: 2, or 0 and 1 for legacy messages. */
  get magic(): number {
    return this.buffer.readInt8(this.start + magicPosition)
  }

  /** The stored checksum, unsigned: CRC-32C, or CRC-32 (IEEE) for legacy messages. */
  get crc(): number {
    return this.buffer.readUInt32BE(this.start + (this.#isLegacy ? legacyCrcPosition : crcPosition))
  }

  get attributes(): number {
    if (this.#isLegacy) return this.buffer.readInt8(this.start + legacyAttributesPosition)
    return this.buffer.readInt16BE(this.start + attributesPosition)
  }

  get lastOffsetDelta(): number {
    if (this.#isLegacy) return this.lastOffset - this.baseOffset
    return this.buffer.readInt32BE(this.start + lastOffsetDeltaPosition)
  }

  /** Offset of the last record the batch was written with, which compaction may have removed since. */
  get lastOffset(): number {
    // The offset field of a legacy entry is that of its last record, and its only one unless compressed.
    const offset = readInt64(this.buffer, this.start + baseOffsetPosition, 'baseOffset')
    return this.#isLegacy ? offset : offset + this.lastOffsetDelta
  }

  /** The offset after the batch. */
  get nextOffset(): number {
    return this.lastOffset + 1
  }

  /** What timestamp deltas count from. Under {@link hasDeleteHorizon} the field holds the horizon. -1 if header-only. */
  get baseTimestamp(): number {
    if (this.#isLegacy) return this.#legacyTimestamp
    return readInt64(this.buffer, this.start + baseTimestampPosition, 'baseTimestamp')
  }

  /** Largest timestamp of a record; under LogAppendTime that of every record. -1 when there is none. */
  get maxTimestamp(): number {
    if (this.#isLegacy) return this.#legacyTimestamp
    return readInt64(this.buffer, this.start + maxTimestampPosition, 'maxTimestamp')
  }

  get producerId(): number {
    if (this.#isLegacy) return noProducerId
    return readInt64(this.buffer, this.start + producerIdPosition, 'producerId')
  }

  get producerEpoch(): number {
    if (this.#isLegacy) return noProducerEpoch
    return this.buffer.readInt16BE(this.start + producerEpochPosition)
  }

  get baseSequence(): number {
    if (this.#isLegacy) return noSequence
    return this.buffer.readInt32BE(this.start + baseSequencePosition)
  }

  /** Sequence of the last record, wrapping to 0 after 2^31-1; -1 without sequences. */
  get lastSequence(): number {
    const base = this.baseSequence
    return base === noSequence ? noSequence : incrementSequence(base, this.lastOffsetDelta)
  }

  /** Records in the batch now: fewer than its offsets after compaction, and 0 when only the header is left. */
  get recordsCount(): number {
    if (this.#isLegacyWrapper) return legacyRecords(this, {}).length
    return this.#isLegacy ? 1 : this.buffer.readInt32BE(this.start + recordsCountPosition)
  }

  /** @throws InvalidRecordError when the attributes name no known codec */
  get compression(): CompressionName {
    return compressionName(this.attributes & compressionMask)
  }

  get timestampType(): TimestampType {
    return (this.attributes & logAppendTimeBit) === 0 ? 'CreateTime' : 'LogAppendTime'
  }

  get isTransactional(): boolean {
    return this.#hasBit(transactionalBit)
  }

  /** Whether the batch holds a control record, which no application sees, rather than data. */
  get isControl(): boolean {
    return this.#hasBit(controlBit)
  }

  get hasDeleteHorizon(): boolean {
    return this.#hasBit(deleteHorizonBit)
  }

  /** Time from which compaction may drop the batch's tombstones, or its transaction marker (KIP-534). -1 when not set. */
  get deleteHorizonMs(): number {
    return this.hasDeleteHorizon ? this.baseTimestamp : noTimestamp
  }

  get hasProducerId(): boolean {
    return this.producerId > noProducerId
  }

  /** The checksum that the content has now. The whole batch must be in the buffer. */
  computeCrc(): number {
    if (this.#isLegacy) return legacyCrc(this.buffer, this.start, this.endPosition)
    return crc32cRange(this.buffer, this.start + attributesPosition, this.endPosition)
  }

  /** Whether the batch is whole, intact and of a known version. Its records are not looked at. */
  isValid(): boolean {
    return this.fault() === undefined
  }

  /** What is wrong with a batch that is not valid, for people to read. */
  fault(): string | undefined {
    return this.#faultOfFrame() ?? this.#faultOfChecksum() ?? this.#faultOfNumbers()
  }

  /**
   * The records, parsed one by one as they are asked for. Keys and values are slices of this batch's buffer, or of
   * the expanded block, so keeping one keeps that whole. The checksum is not checked here.
   *
   * @throws InvalidRecordError for malformed content, or CorruptionError when `options.file` is given
   * @throws CodecError, CodecUnavailableError, OutputTooLargeError when compressed records cannot be expanded
   */
  records(options: RecordsOptions = {}): IterableIterator<LogRecord> {
    return this.#isLegacy ? legacyRecords(this, options).values() : new RecordReader(this, options)
  }

  /**
   * The first record with an offset of at least `offset`. Those before it are passed over by their lengths; throws as
   * {@link records} does for those and for what it returns.
   */
  find(offset: number, options: RecordsOptions = {}): LogRecord | undefined {
    if (!this.#isLegacy) return new RecordReader(this, options).find(offset)
    return legacyRecords(this, options).find((record) => record.offset >= offset)
  }

  get #isLegacy(): boolean {
    return this.magic < currentMagic
  }

  get #isLegacyWrapper(): boolean {
    return this.#isLegacy && (this.attributes & compressionMask) !== 0
  }

  get #legacyTimestamp(): number {
    if (this.magic === 0) return noTimestamp
    return readInt64(this.buffer, this.start + legacyTimestampPosition, 'timestamp')
  }

  #hasBit(bit: number): boolean {
    return !this.#isLegacy && (this.attributes & bit) !== 0
  }

  #faultOfFrame(): string | undefined {
    const available = this.buffer.length - this.start
    if (available < headerSizeUpToMagic) return `only ${available} bytes are there, too few for a header`
    const { sizeBytes } = this
    const least = versions[this.magic]?.leastBytes
    if (least === undefined) return `the version (magic) ${this.magic} is not known`
    if (sizeBytes < least) return `its size of ${sizeBytes} bytes is below the ${least} of an empty one`
    if (sizeBytes > available) return `it is cut short: ${available} of ${sizeBytes} bytes are there`
    return undefined
  }

  #faultOfChecksum(): string | undefined {
    const { crc } = this
    const computed = this.computeCrc()
    if (crc === computed) return undefined
    return `its checksum is ${hex(crc)}, but its content has ${hex(computed)}`
  }

  /** Numbers beyond what can be represented, so that no getter of a valid batch throws. */
  #faultOfNumbers(): string | undefined {
    if (this.buffer.readInt8(this.start) < 0) return 'its base offset is negative'
    if (!this.#isLegacy && this.lastOffsetDelta < 0) return 'its last offset lies before its base offset'
    const unsafe = versions[this.magic]?.int64Fields.find(
      ([position]) => !isSafeInt64(this.buffer, this.start + position),
    )
    return unsafe && `its ${unsafe[1]} is beyond 2^53`
  }
}

function hex(crc: number): string {
  return crc.toString(16).padStart(8, '0')
}

import { crc32cRange } from '../../native-free/crc32c.ts'
import { writeInt64 } from '../base/int64.ts'
import { type CompressionName, compress, compressionId } from './compression.ts'
import {
  attributesPosition,
  baseOffsetPosition,
  baseSequencePosition,
  baseTimestampPosition,
  batchLengthPosition,
  controlBit,
  crcPosition,
  currentMagic,
  deleteHorizonBit,
  lastOffsetDeltaPosition,
  logAppendTimeBit,
  logOverhead,
  magicPosition,
  maxTimestampPosition,
  partitionLeaderEpochPosition,
  producerEpochPosition,
  producerIdPosition,
  recordBatchOverhead,
  recordsCountPosition,
  type TimestampType,
  transactionalBit,
} from './format.ts'

/** Everything that a batch header says, less what follows from the records' bytes: length, magic and checksum. */
export interface BatchHeader {
  readonly baseOffset: number
  readonly partitionLeaderEpoch: number
  readonly compression: CompressionName
  readonly timestampType: TimestampType
  readonly isTransactional: boolean
  readonly isControl: boolean
  /** Whether `baseTimestamp` is the delete horizon. */
  readonly hasDeleteHorizon: boolean
  readonly lastOffsetDelta: number
  readonly baseTimestamp: number
  readonly maxTimestamp: number
  readonly producerId: number
  readonly producerEpoch: number
  readonly baseSequence: number
  readonly recordsCount: number
}

/** The length field is an int32. */
const batchBytesMax = 0x7fff_ffff

/**
 * Makes a batch of a header and encoded records, compressing them as the header says. The records are copied once.
 *
 * @throws RangeError when a field of the header does not fit its width, or the batch takes 2 GiB or more
 */
export function assembleBatch(header: BatchHeader, records: Buffer, compressionLevel?: number): Buffer {
  const block =
    header.compression === 'none' ? records : compress(header.compression, records, compressionLevel)
  const sizeBytes = recordBatchOverhead + block.length
  if (sizeBytes > batchBytesMax)
    throw new RangeError(`a batch cannot take ${sizeBytes} bytes: 2^31 - 1 is the end`)
  const batch = Buffer.allocUnsafe(sizeBytes)
  batch.set(block, recordBatchOverhead)
  writeHeader(batch, header)
  batch.writeUInt32BE(crc32cRange(batch, attributesPosition, sizeBytes), crcPosition)
  return batch
}

function writeHeader(batch: Buffer, header: BatchHeader): void {
  writeInt64(batch, header.baseOffset, baseOffsetPosition, 'baseOffset')
  batch.writeInt32BE(batch.length - logOverhead, batchLengthPosition)
  batch.writeInt32BE(header.partitionLeaderEpoch, partitionLeaderEpochPosition)
  batch.writeInt8(currentMagic, magicPosition)
  batch.writeInt16BE(attributesOf(header), attributesPosition)
  batch.writeInt32BE(header.lastOffsetDelta, lastOffsetDeltaPosition)
  writeInt64(batch, header.baseTimestamp, baseTimestampPosition, 'baseTimestamp')
  writeInt64(batch, header.maxTimestamp, maxTimestampPosition, 'maxTimestamp')
  writeInt64(batch, header.producerId, producerIdPosition, 'producerId')
  batch.writeInt16BE(header.producerEpoch, producerEpochPosition)
  batch.writeInt32BE(header.baseSequence, baseSequencePosition)
  batch.writeInt32BE(header.recordsCount, recordsCountPosition)
}

function attributesOf(header: BatchHeader): number {
  return (
    compressionId(header.compression) |
    (header.timestampType === 'LogAppendTime' ? logAppendTimeBit : 0) |
    (header.isTransactional ? transactionalBit : 0) |
    (header.isControl ? controlBit : 0) |
    (header.hasDeleteHorizon ? deleteHorizonBit : 0)
  )
}

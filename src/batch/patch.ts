import { assert } from '../base/assert.ts'
import { writeInt64 } from '../base/int64.ts'
import type { Batch } from './batch.ts'
import {
  attributesPosition,
  baseOffsetPosition,
  baseSequencePosition,
  crcPosition,
  currentMagic,
  logAppendTimeBit,
  maxTimestampPosition,
  partitionLeaderEpochPosition,
  producerEpochPosition,
  producerIdPosition,
} from './format.ts'

/**
 * Changes to an encoded batch (magic 2) in place. A batch is encoded once, by its producer; these are all the
 * changes that appending it makes, and the one that its producer may have to make before that.
 */

/** Sets the base offset of the batch at `start`. Outside the checksum, so nothing else changes. */
export function patchBaseOffset(buffer: Buffer, start: number, offset: number): void {
  writeInt64(buffer, offset, start + baseOffsetPosition, 'baseOffset')
}

/** Sets the partition leader epoch of the batch at `start`. Outside the checksum, so nothing else changes. */
export function patchPartitionLeaderEpoch(buffer: Buffer, start: number, epoch: number): void {
  buffer.writeInt32BE(epoch, start + partitionLeaderEpochPosition)
}

/** What a leader stamps on a batch as it appends it: 12 bytes, none of them under the checksum. */
export function assignOffsets(batch: Batch, baseOffset: number, leaderEpoch: number): void {
  patchBaseOffset(batch.buffer, batch.start, baseOffset)
  patchPartitionLeaderEpoch(batch.buffer, batch.start, leaderEpoch)
}

/** Makes `timestampMs` the timestamp of every record: sets the LogAppendTime bit. Computes the checksum anew. */
export function patchLogAppendTime(batch: Batch, timestampMs: number): void {
  const position = batch.start + attributesPosition
  batch.buffer.writeInt16BE(batch.attributes | logAppendTimeBit, position)
  patchMaxTimestamp(batch, timestampMs)
}

/** Corrects the largest timestamp, for a producer that stated a wrong one. Computes the checksum anew. */
export function patchMaxTimestamp(batch: Batch, timestampMs: number): void {
  assert(batch.magic === currentMagic, 'only batches of the current version are patched')
  writeInt64(batch.buffer, timestampMs, batch.start + maxTimestampPosition, 'maxTimestamp')
  batch.buffer.writeUInt32BE(batch.computeCrc(), batch.start + crcPosition)
}

/** Who wrote a batch, for brokers to tell what follows from what comes again (KIP-98). */
export interface ProducerStamp {
  readonly producerId: number
  readonly producerEpoch: number
  readonly baseSequence: number
}

/** Sets the producer and the sequence of a batch that is to be sent under another epoch. Computes the checksum anew. */
export function patchProducer(
  batch: Batch,
  { producerId, producerEpoch, baseSequence }: ProducerStamp,
): void {
  assert(batch.magic === currentMagic, 'only batches of the current version are patched')
  const { buffer, start } = batch
  writeInt64(buffer, producerId, start + producerIdPosition, 'producerId')
  buffer.writeInt16BE(producerEpoch, start + producerEpochPosition)
  buffer.writeInt32BE(baseSequence, start + baseSequencePosition)
  buffer.writeUInt32BE(batch.computeCrc(), start + crcPosition)
}

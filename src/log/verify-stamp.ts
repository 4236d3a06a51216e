import { isSafeInt64 } from '../base/int64.ts'
import { Batch } from '../batch/batch.ts'
import {
  batchLengthPosition,
  currentMagic,
  headerSizeUpToMagic,
  logOverhead,
  magicPosition,
  recordBatchOverhead,
} from '../batch/format.ts'
import { assignOffsets } from '../batch/patch.ts'
import { checkRecords } from './verify-records.ts'

/** What is known of the place at which a damaged batch stands. */
export interface StampedPlace {
  /** The offset that is due. */
  readonly due: number
  /** Where the log goes on behind the bytes; undefined when nothing says so. */
  readonly followingOffset: number | undefined
  /** The leader epoch there. */
  readonly epoch: (offset: number) => number
  readonly allowGaps: boolean
}

/**
 * The batch in `bytes`, if only its first 17 bytes are damaged. Those (base offset, length, leader epoch, magic) are
 * outside the checksum, so that a leader can stamp them, and all four follow from where the batch stands: what the
 * checksum covers then proves the rest. Undefined when more is wrong. Changes `bytes`.
 */
export function restoreStamp(bytes: Buffer, place: StampedPlace): Batch | undefined {
  if (bytes.length < recordBatchOverhead) return undefined
  const batch = new Batch(bytes)
  bytes.writeInt8(currentMagic, magicPosition)
  bytes.writeInt32BE(bytes.length - logOverhead, batchLengthPosition)
  if (batch.computeCrc() !== batch.crc || batch.lastOffsetDelta < 0) return undefined
  const baseOffset = baseOffsetAt(batch, place)
  if (baseOffset === undefined) return undefined
  assignOffsets(batch, baseOffset, place.epoch(baseOffset + batch.lastOffsetDelta))
  return batch.isValid() && checkRecords(batch).fault === undefined ? batch : undefined
}

/** The bytes of a batch that its checksum leaves out. */
export function stampOf(batch: Batch): Buffer {
  return Buffer.from(batch.buffer.subarray(batch.start, batch.start + headerSizeUpToMagic))
}

/** Without gaps the offset that is due is the only possible one; among gaps only the one that the batch states. */
function baseOffsetAt(batch: Batch, place: StampedPlace): number | undefined {
  const { due, followingOffset = Number.POSITIVE_INFINITY, allowGaps } = place
  const { lastOffsetDelta } = batch
  if (!allowGaps)
    return followingOffset === Number.POSITIVE_INFINITY || due + lastOffsetDelta + 1 === followingOffset
      ? due
      : undefined
  if (!isSafeInt64(batch.buffer, batch.start)) return undefined
  const { baseOffset } = batch
  return baseOffset >= due && baseOffset + lastOffsetDelta < followingOffset ? baseOffset : undefined
}

import type { Batch } from '../batch/batch.ts'
import { currentMagic, noPartitionLeaderEpoch } from '../batch/format.ts'
import type { LeaderEpochs } from './leader-epochs.ts'
import { producerBatchOf } from './producer-batch.ts'
import type { ProducerTable } from './producer-table.ts'
import { type ScanStop, scanSegment } from './scan.ts'
import type { Segment } from './segment.ts'

/** What a scan of one segment is checked against, and what it builds up on the way. */
export interface SegmentScan {
  /** Filled with the good batches: sizes, offsets, timestamps, indexes. Blank at the start. */
  readonly segment: Segment
  readonly fileBytes: number
  /** Offsets may jump, because compaction removed batches. */
  readonly allowGaps: boolean
  /** The producers as they were where the segment begins; updated with its batches. */
  readonly producers: ProducerTable
  /** Epochs to learn from the batches. */
  readonly epochs?: LeaderEpochs
  /** A batch before `durableOffset` must carry the epoch that `epochs` already has for it. */
  readonly durableOffset?: number
  readonly onProgress?: (scannedBytes: number) => void
}

export interface SegmentScanned extends ScanStop {
  readonly batches: number
}

/**
 * Scans a segment from its beginning: every batch whole, its checksum right, its offsets following on the one
 * before, its epoch not going back. Fills `scan.segment` and updates producers and epochs batch by batch.
 */
export async function scanWholeSegment(scan: SegmentScan): Promise<SegmentScanned> {
  const { segment, fileBytes } = scan
  let batches = 0
  const stop = await scanSegment(segment.file(), {
    start: 0,
    end: fileBytes,
    ...(scan.onProgress === undefined ? {} : { onProgress: scan.onProgress }),
    onBatch(batch) {
      const fault = misplacement(batch, scan)
      if (fault !== undefined) return fault
      batches++
      learn(batch, scan)
      return undefined
    },
  })
  segment.verifiedBytes = segment.sizeBytes
  return { ...stop, batches }
}

/** Why a batch with a right checksum may not stand where it does. The first 21 bytes are not under the checksum. */
function misplacement(
  batch: Batch,
  { segment, allowGaps, epochs, durableOffset = 0 }: SegmentScan,
): string | undefined {
  const { magic, partitionLeaderEpoch, lastOffset } = batch
  const baseOffset = magic === currentMagic ? batch.baseOffset : lastOffset
  const due = segment.nextOffset
  const follows = allowGaps || magic !== currentMagic ? baseOffset >= due : baseOffset === due
  if (!follows) return `the batch begins with offset ${baseOffset} where ${due} is due`
  if (lastOffset - segment.baseOffset > 2 ** 31 - 1) return `offset ${lastOffset} does not fit the segment`
  // Another negative one than this was never written.
  if (epochs === undefined || partitionLeaderEpoch === noPartitionLeaderEpoch) return undefined
  const epoch = epochs.epochFor(lastOffset)
  if (
    epoch > partitionLeaderEpoch ||
    (epoch >= 0 && epoch !== partitionLeaderEpoch && lastOffset < durableOffset)
  )
    return `the batch carries leader epoch ${partitionLeaderEpoch} where ${epoch} led`
  return undefined
}

/** Counts in a good batch at the end of `segment`, and what it says of producers and epochs. */
export function learn(
  batch: Batch,
  { segment, producers, epochs }: Pick<SegmentScan, 'segment' | 'producers' | 'epochs'>,
): void {
  const { partitionLeaderEpoch } = batch
  if (epochs !== undefined && partitionLeaderEpoch > epochs.latestEpoch)
    epochs.assign(partitionLeaderEpoch, batch.baseOffset)
  segment.add(batch)
  if (!batch.hasProducerId) return
  const aborted = producers.apply(producerBatchOf(batch))
  if (aborted !== undefined) segment.addAborted(aborted)
}

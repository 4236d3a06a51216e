import type { Batch } from '../batch/batch.ts'
import { currentMagic, noPartitionLeaderEpoch } from '../batch/format.ts'
import type { LeaderEpochs } from './leader-epochs.ts'
import { producerBatchOf } from './producer-batch.ts'
import type { ProducerTable } from './producer-table.ts'
import type { PassedOver } from './recovery-report.ts'
import { type ScanStop, scanSegment } from './scan.ts'
import type { Segment } from './segment.ts'
import { findResumption } from './verify-resync.ts'

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
  /** Told when a batch disagrees with what `epochs` had from the beginning. */
  readonly onEpochDoubt?: () => void
  readonly onProgress?: (scannedBytes: number) => void
}

export interface SegmentScanned extends ScanStop {
  readonly batches: number
}

/** {@link SegmentScan} of a segment as it stands in a log. */
export interface ReadableScan extends Omit<SegmentScan, 'durableOffset'> {
  readonly epochs: LeaderEpochs
  /** Whether `epochs` are those of the checkpoint; else all are learnt from the batches. */
  readonly epochsKnown: boolean
  readonly durableOffset: number
  /** First offset of the log that may be read. */
  readonly startOffset: number
  /** Where the next segment begins; undefined in the last. */
  readonly nextBaseOffset: number | undefined
}

/**
 * Scans a segment, and passes over damage in what lies wholly before the start of the log: it goes on with the good
 * batches behind it. What was known of producers is forgotten there, for an open transaction might never end.
 */
export async function scanReadableSegment(
  scan: ReadableScan,
): Promise<SegmentScanned & { readonly passedOver: readonly PassedOver[] }> {
  const { segment, startOffset, producers, fileBytes: endPosition } = scan
  const checked = { ...scan, durableOffset: scan.epochsKnown ? scan.durableOffset : 0 }
  const passedOver: PassedOver[] = []
  let stop = await scanWholeSegment(checked)
  while (stop.kind !== 'end' && segment.nextOffset < startOffset) {
    const { position, reason } = stop
    const bounds = { ...scan, file: segment.file(), endPosition }
    const resumption = await findResumption(bounds, position, segment.nextOffset)
    if (resumption === undefined || resumption.offset > startOffset) break
    const file = segment.path('.log')
    passedOver.push({ file, position, bytes: resumption.position - position, reason })
    segment.startAt(resumption.position, resumption.offset)
    producers.clear()
    const further = await scanWholeSegment(checked)
    stop = { ...further, batches: stop.batches + further.batches }
  }
  return { ...stop, passedOver }
}

/**
 * Scans a segment from where `scan.segment` ends, at first from its beginning: every batch whole, its checksum right, its offsets following on the one
 * before, its epoch not going back. Fills `scan.segment` and updates producers and epochs batch by batch.
 */
export async function scanWholeSegment(scan: SegmentScan): Promise<SegmentScanned> {
  const { segment, fileBytes } = scan
  let batches = 0
  const stop = await scanSegment(segment.file(), {
    start: segment.sizeBytes,
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
  { segment, allowGaps, epochs, durableOffset = 0, onEpochDoubt }: SegmentScan,
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
  const epochBefore = epochs.epochFor(baseOffset)
  // No epoch begins in the middle of a batch, but the first of a log that was trimmed there.
  if (epochBefore >= 0 && epochBefore !== epoch) onEpochDoubt?.()
  if (epoch < 0 || epoch === partitionLeaderEpoch) return undefined
  const isWrong = epoch > partitionLeaderEpoch || lastOffset < durableOffset
  // An epoch that is not known yet has begun with this batch; one that is begins where `epochs` say.
  if (isWrong || partitionLeaderEpoch <= epochs.latestEpoch) onEpochDoubt?.()
  if (isWrong) return `the batch carries leader epoch ${partitionLeaderEpoch} where ${epoch} led`
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

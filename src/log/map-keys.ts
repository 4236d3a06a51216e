import type { Batch } from '../batch/batch.ts'
import { glanceAtRecords } from '../batch/record-glance.ts'
import type { RecordsOptions } from '../batch/record-reader.ts'
import type { Pace } from './clean-segments.ts'
import type { CleanedTransactions } from './cleaned-transactions.ts'
import type { CleanerOffsetMap } from './cleaner-offset-map.ts'
import type { CleanableRange } from './cleanable-range.ts'
import type { Segment } from './segment.ts'
import type { SegmentStorage } from './segment-storage.ts'
import { BatchChecker, segmentSlices } from './segment-batches.ts'

/**
 * Fills `map` with the last offset of each key of the dirty records of `segments`, which end where `range` does,
 * leaving out what was aborted. Returns the offset up to which records were mapped: before the end of the range if
 * the map was full. It holds one key at least, so that every pass comes further than the one before.
 */
export async function mapKeys(
  map: CleanerOffsetMap,
  segments: readonly Segment[],
  { firstDirtyOffset, endOffset }: CleanableRange,
  transactions: CleanedTransactions,
  { storage, limits, pace }: { storage: SegmentStorage; limits: RecordsOptions; pace: Pace },
): Promise<number> {
  for (const segment of segments) {
    const checker = new BatchChecker(segment)
    for await (const slice of segmentSlices(storage.pool, segment)) {
      for (const batch of checker.batchesOf(slice)) {
        const full = mapBatch(map, batch, firstDirtyOffset, transactions, limits)
        if (full !== undefined) return full
        if (pace.isOver) await pace.next()
      }
    }
  }
  return Math.max(firstDirtyOffset, endOffset)
}

/** The offset of the first record that found no room; undefined when all did. */
function mapBatch(
  map: CleanerOffsetMap,
  batch: Batch,
  firstDirtyOffset: number,
  transactions: CleanedTransactions,
  limits: RecordsOptions,
): number | undefined {
  if (batch.isControl) {
    transactions.judgeMarker(batch)
    return undefined
  }
  if (transactions.isAborted(batch) || batch.lastOffset < firstDirtyOffset) return undefined
  let full: number | undefined
  glanceAtRecords(batch, limits, ({ offset, bytes, keyPosition, keyEnd }) => {
    if (keyEnd < keyPosition || offset < firstDirtyOffset) return true
    if (map.put(offset, bytes, keyPosition, keyEnd)) return true
    full = offset
    return false
  })
  return full
}

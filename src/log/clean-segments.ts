import type { Batch } from '../batch/batch.ts'
import type { BatchCleaner } from './batch-cleaner.ts'
import type { CleanedSegment } from './cleaned-segment.ts'
import type { Segment } from './segment.ts'
import type { SegmentStorage } from './segment-storage.ts'
import { BatchChecker, segmentSlices } from './segment-batches.ts'

/** What goes on beside a long pass: others get their turn, and the pass may be told to stop. */
export interface Pace {
  /** Whether it is time to await {@link next}. */
  readonly isOver: boolean
  /** Rejects when the pass is to be given up. */
  next(): Promise<void>
}

/**
 * Writes what `cleaner` keeps of a group of sealed segments to `output`. The last batch of the group stays at least as
 * a header: so the new segment itself says how far it reaches, and a replacement that a crash interrupts is finished
 * without a doubt about what it replaces. Resolves with whether anything was left out or written anew.
 */
export async function cleanSegments(
  group: readonly Segment[],
  output: CleanedSegment,
  cleaner: BatchCleaner,
  storage: SegmentStorage,
  pace: Pace,
): Promise<boolean> {
  let isChanged = false
  const lastOffset = Math.max(...group.map(({ nextOffset }) => nextOffset)) - 1
  for (const segment of group) {
    const checker = new BatchChecker(segment)
    for await (const slice of segmentSlices(storage.pool, segment)) {
      for (const batch of checker.batchesOf(slice)) {
        const { bytes, aborted } = cleaner.clean(batch, batch.lastOffset === lastOffset)
        isChanged ||= bytes === undefined || !isSame(bytes, batch)
        if (bytes !== undefined) output.add(bytes)
        if (aborted !== undefined) output.addAborted(aborted)
        if (pace.isOver) await pace.next()
      }
      output.write()
    }
  }
  return isChanged
}

/** Whether these are the very bytes of `batch`, not others like them. */
function isSame(bytes: Buffer, { buffer, start }: Batch): boolean {
  return bytes.buffer === buffer.buffer && bytes.byteOffset === buffer.byteOffset + start
}

import type { CleanShutdown } from './clean-shutdown.ts'
import { type DurablePoint, DurablePointStore } from './durable-point.ts'
import type { RecoveryInput } from './recovery.ts'

/** What recovery believes of the records that a log keeps of itself. */

const nothingDurable: DurablePoint = { offset: 0, baseOffset: -1, sizeBytes: 0 }

/**
 * The start offset, unless its checkpoint is damaged. That file has no checksum, and an offset beyond the end would
 * delete everything: after a clean stop the sidecar knows better, and a log is never trimmed beyond its durable point.
 */
export function credibleStart(
  checkpoint: number,
  clean: CleanShutdown | undefined,
  durable: DurablePoint,
): number {
  if (clean !== undefined) return clean.startOffset
  return durable.baseOffset >= 0 && checkpoint > durable.offset ? 0 : checkpoint
}

/** The furthest point that some record of it says is durable. */
export function durablePoint(input: RecoveryInput, clean: CleanShutdown | undefined): DurablePoint {
  const { files, directory } = input.storage
  const candidates = [
    { offset: input.recoveryPoint ?? 0, baseOffset: -1, sizeBytes: 0 },
    // After the other, for of two points alike the last counts, and this one knows its segment.
    DurablePointStore.load(files, directory),
    clean && { ...lastSegmentOf(clean), offset: clean.endOffset },
  ]
  return candidates.reduce<DurablePoint>(
    (furthest, each) => (each !== undefined && each.offset >= furthest.offset ? each : furthest),
    nothingDurable,
  )
}

export function lastSegmentOf(clean: CleanShutdown): { baseOffset: number; sizeBytes: number } {
  const { baseOffset = -1, sizeBytes = 0 } = clean.segments.at(-1) ?? {}
  return { baseOffset, sizeBytes }
}

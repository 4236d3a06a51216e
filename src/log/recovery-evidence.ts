import { join } from 'node:path'
import { type CleanShutdown, isChanged, sideFileReader } from './clean-shutdown.ts'
import { type DurablePoint, DurablePointStore } from './durable-point.ts'
import { areContradicted } from './epoch-evidence.ts'
import { leaderEpochCheckpointFile } from './file-names.ts'
import { LeaderEpochs } from './leader-epochs.ts'
import type { InspectionInput, RecoveryInput } from './recovery.ts'
import { readWhole } from './replace-file.ts'
import type { SegmentStorage } from './segment-storage.ts'
import { unsealedFrom } from './segment-plan.ts'

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

/** A larger checkpoint is none of ours. */
const epochsBytesMax = 64 * 1024 * 1024

/** The epochs of the checkpoint file; undefined when it is missing or damaged. */
export function readEpochs({ files, directory }: SegmentStorage): LeaderEpochs | undefined {
  const bytes = readWhole(files, join(directory, leaderEpochCheckpointFile), epochsBytesMax)
  return bytes && LeaderEpochs.decode(bytes.toString()).value
}

/**
 * The epochs of the checkpoint, unless it is damaged, or not the one that was left, or empty though there are batches, or
 * denied by the batches of the segments that will not be scanned. Those that are scanned say so themselves.
 */
export function credibleEpochs({
  input: { storage },
  listing: { baseOffsets },
  clean,
  durable,
}: Omit<InspectionInput, 'epochs'>): LeaderEpochs | undefined {
  const { files, directory } = storage
  if (clean !== undefined && isChanged(clean, leaderEpochCheckpointFile, sideFileReader(files, directory)))
    return undefined
  const epochs = readEpochs(storage)
  if (epochs === undefined || (epochs.latestEpoch === -1 && baseOffsets.length > 1)) return undefined
  const sealed = baseOffsets.filter((baseOffset) => baseOffset < unsealedFrom(durable))
  return areContradicted(epochs, storage, sealed) ? undefined : epochs
}

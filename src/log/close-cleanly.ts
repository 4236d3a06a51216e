import { basename } from 'node:path'
import { type CleanShutdown, digestOf, sideFileReader, writeCleanShutdown } from './clean-shutdown.ts'
import { leaderEpochCheckpointFile } from './file-names.ts'
import type { LogFlusher } from './log-flusher.ts'
import type { LogState } from './log-state.ts'
import type { ProducerSnapshots } from './producer-snapshots.ts'
import { SealLedger } from './seal-ledger.ts'
import type { SegmentStorage } from './segment-storage.ts'
import type { FileDigest } from './segment-indexes.ts'

/**
 * Leaves a log so that the next open can trust it: indexes and producers written, everything synced, and only then
 * the clean-shutdown file. A crash at any point before that is an unclean stop and no more.
 */
export async function closeCleanly(
  state: LogState,
  storage: SegmentStorage,
  snapshots: ProducerSnapshots,
  flusher: LogFlusher,
): Promise<void> {
  const { segments, producers, startOffset, writtenOffset: endOffset } = state
  const { files, directory } = storage
  for (const segment of segments) {
    if (segment.digests !== undefined && segment !== segments.active) continue
    segment.writeIndexes()
    for (const path of segment.indexPaths) flusher.changed(path)
  }
  flusher.changed(snapshots.write(endOffset, producers))
  flusher.directoryChanged()
  await flusher.flush()
  await new SealLedger(storage).settle([...segments].slice(0, -1))
  const read = sideFileReader(files, directory)
  const sideFiles: Record<string, FileDigest> = {}
  for (const name of [leaderEpochCheckpointFile, basename(snapshots.path(endOffset))]) {
    const digest = digestOf(read(name))
    if (digest !== undefined) sideFiles[name] = digest
  }
  const clean: CleanShutdown = {
    startOffset,
    endOffset,
    sideFiles,
    lastBatch: lastBatchOf(state),
    segments: [...segments].map((segment) => segment.summary),
  }
  await writeCleanShutdown(files, directory, clean)
}

/** In the active segment, or in the one before when that has only just been started. */
function lastBatchOf({ segments }: LogState): CleanShutdown['lastBatch'] {
  for (let index = segments.count - 1; index >= 0; index--) {
    const segment = segments.at(index)
    const last = segment.locate(segment.nextOffset - 1)
    if (last !== undefined) return { baseOffset: segment.baseOffset, position: last.position }
  }
  return undefined
}

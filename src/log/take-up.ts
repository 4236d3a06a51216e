import { basename, join } from 'node:path'
import { DurablePointStore } from './durable-point.ts'
import { leaderEpochCheckpointFile, parseSegmentFileName, segmentFileName } from './file-names.ts'
import { copyToQuarantine, moveToQuarantine } from './quarantine.ts'
import type { Recovered } from './recovery.ts'
import { replaceFile } from './replace-file.ts'
import { rewriteTail } from './rewrite-tail.ts'
import { SealLedger } from './seal-ledger.ts'
import { Segment } from './segment.ts'
import type { SegmentStorage } from './segment-storage.ts'

/**
 * Makes the disk match what {@link inspectPartition} found, so that the log can be written to again. The order
 * matters to a crash in the middle: unless the log is as it was closed, the clean-shutdown file goes first, so that
 * the next open does not trust it; what is cut is copied before; and the durable point moves only once everything is
 * synced. Returns the quarantined paths.
 */
export async function takeUp(storage: SegmentStorage, recovered: Recovered): Promise<string[]> {
  const { files, directory } = storage
  if (!recovered.cleanStop || mustStartAnew(recovered)) await storage.cleanShutdown.withdraw()
  const quarantined = await removeDamage(storage, recovered)
  const obsolete = [...recovered.obsolete, ...startWhereAsked(storage, recovered)]
  if (!recovered.cleanStop) {
    await settleEpochs(storage, recovered)
    await makeDurable(storage, recovered)
  }
  // What takes their place, and the producers that only they knew of, are durable by now.
  for (const segment of obsolete) deleteAtOnce(storage, segment)
  // Nor may a power cut bring back what this log, once it is open, no longer shows.
  if (obsolete.length > 0) await files.syncDirectory(directory)
  removeStrays(storage, recovered)
  return quarantined
}

async function removeDamage(storage: SegmentStorage, recovered: Recovered): Promise<string[]> {
  const { cut, setAside, segments, durable, startOffset } = recovered
  const { files, directory, pool } = storage
  const quarantined: string[] = []
  const last = segments.at(-1)
  if (cut !== undefined && last !== undefined) {
    if (cut.keepCopy)
      quarantined.push(await copyToQuarantine(files, directory, basename(cut.file), cut.position))
    // What was lost below the durable point must not count as durable when offsets are given again.
    const { baseOffset, sizeBytes } = last
    const offset = Math.max(last.nextOffset, startOffset)
    if (offset < durable.offset)
      new DurablePointStore(pool, directory).storeDurably({ offset, baseOffset, sizeBytes })
    last.fileForWriting().truncateSync(cut.position)
  }
  for (const baseOffset of setAside)
    for (const kind of ['.log', '.index', '.timeindex', '.txnindex', '.snapshot'] as const) {
      const name = segmentFileName(baseOffset, kind)
      pool.drop(join(directory, name))
      if (files.statSync(join(directory, name)) !== undefined)
        quarantined.push(moveToQuarantine(files, directory, name))
    }
  return quarantined
}

/**
 * A log needs an active segment, and none of it lies before the log's start. Returns the segments that do. What is known
 * of their producers goes with them, as in Kafka: an open transaction among them would never end.
 */
function startWhereAsked(storage: SegmentStorage, recovered: Recovered): Segment[] {
  const { segments, producers, startOffset } = recovered
  if (!mustStartAnew(recovered)) return []
  const old = segments.splice(0)
  producers.clear()
  const segment = Segment.blank(storage, startOffset)
  storage.files.removeSync(segment.path('.log'))
  segment.fileForWriting()
  segments.push(segment)
  return old
}

function mustStartAnew({ segments, startOffset, endOffset }: Recovered): boolean {
  return segments.length === 0 || endOffset < startOffset
}

function deleteAtOnce({ files }: SegmentStorage, segment: Segment): void {
  for (const path of segment.markDeleted()) files.removeSync(path)
}

/**
 * The epochs end where the log does. The latest stays all the same, for no later record may be of an earlier one: it begins
 * at the end when nothing of it is left, or was ever there.
 */
async function settleEpochs(
  storage: SegmentStorage,
  { epochs, endOffset, startOffset }: Recovered,
): Promise<void> {
  const end = Math.max(endOffset, startOffset)
  const { latestEpoch } = epochs
  if (epochs.truncateFromEnd(end) && latestEpoch > epochs.latestEpoch) epochs.assign(latestEpoch, end)
  epochs.truncateFromStart(startOffset)
  await replaceFile(storage.files, join(storage.directory, leaderEpochCheckpointFile), epochs.encode())
}

/** Index files without a log, and snapshots of what is not there any more. No clean stop describes them. */
function removeStrays(
  storage: SegmentStorage,
  { segments, snapshots, endOffset: foundEnd, names }: Recovered,
): void {
  const { files, directory } = storage
  // Where the log ends now: it may have been begun anew at its start.
  const endOffset = segments.at(-1)?.nextOffset ?? foundEnd
  const bases = new Set(segments.map((segment) => segment.baseOffset))
  for (const name of names) {
    const parsed = parseSegmentFileName(name)
    if (parsed === undefined || parsed.kind === '.log' || parsed.kind === '.snapshot') continue
    if (!bases.has(parsed.baseOffset)) files.removeSync(join(directory, name))
  }
  snapshots.removeWhere((offset) => offset > endOffset || (offset < endOffset && !bases.has(offset)))
}

/** Recovered data is synced before it is served, for a crash may come before the kernel has written it. */
async function makeDurable(storage: SegmentStorage, recovered: Recovered): Promise<void> {
  const { files, directory, pool } = storage
  const { segments, scanned, snapshots, producers, lostSnapshots, durable } = recovered
  const active = segments.at(-1)
  if (active === undefined) return
  const paths = [snapshots.write(active.nextOffset, producers)]
  for (const [offset, table] of lostSnapshots)
    if (segments.some(({ baseOffset }) => baseOffset === offset)) snapshots.write(offset, table)
  for (const segment of scanned) {
    if (!segments.includes(segment)) continue
    rewriteTail(segment, durable)
    paths.push(segment.path('.log'))
    // Also one that reads well may not have reached the disk before its process died.
    if (snapshots.has(segment.baseOffset)) paths.push(snapshots.path(segment.baseOffset))
    if (segment === active) continue
    segment.writeIndexes()
    segment.release()
    paths.push(...segment.indexPaths)
  }
  for (const path of paths) {
    const pin = pool.pin(path, 'write')
    try {
      await pin.file.sync()
    } finally {
      pin.release()
    }
  }
  await files.syncDirectory(directory)
  // Before the durable point moves over segments that it may say something old of.
  await new SealLedger(storage).settle(segments.slice(0, -1))
  const { baseOffset, nextOffset, sizeBytes } = active
  // Durable from the first: without it recovery cannot tell what a crash may take from what must be there.
  new DurablePointStore(pool, directory).storeDurably({ offset: nextOffset, baseOffset, sizeBytes })
  await files.syncDirectory(directory)
}

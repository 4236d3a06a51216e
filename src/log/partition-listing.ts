import { join } from 'node:path'
import { NotALogError } from '../base/errors.ts'
import type { Files } from '../env/env.ts'
import { cleanShutdownSidecar } from './clean-shutdown.ts'
import { sealLedgerFile } from './seal-ledger.ts'
import {
  leaderEpochCheckpointFile,
  logStartOffsetCheckpointFile,
  parseSegmentFileName,
  partitionMetadataFile,
  type SegmentFileName,
  temporarySuffix,
} from './file-names.ts'

/** What a partition's directory holds, by its names alone. */
export interface PartitionListing {
  /** Base offsets of the `.log` files, ascending. */
  readonly baseOffsets: readonly number[]
  /** Offsets of the producer snapshots, ascending. */
  readonly snapshotOffsets: readonly number[]
  /** All names, to ask what is there without asking the disk again. */
  readonly names: ReadonlySet<string>
  /** Files that a crash left in the middle of something: `.deleted`, `.cleaned`, `.swap`, `.tmp`. */
  readonly leftovers: readonly { readonly name: string; readonly parsed: SegmentFileName | undefined }[]
}

/** What a crash may have left of a side file that was being replaced. Other `.tmp` files are not ours to remove. */
const sideFileTemporaries: ReadonlySet<string> = new Set(
  [
    leaderEpochCheckpointFile,
    partitionMetadataFile,
    logStartOffsetCheckpointFile,
    cleanShutdownSidecar,
    sealLedgerFile,
  ].map((name) => name + temporarySuffix),
)

/** Lists `directory`, which must exist. */
export function listPartition(files: Files, directory: string): PartitionListing {
  const names = new Set(files.listSync(directory))
  const baseOffsets: number[] = []
  const snapshotOffsets: number[] = []
  const leftovers: { name: string; parsed: SegmentFileName | undefined }[] = []
  for (const name of names) {
    const parsed = parseSegmentFileName(name)
    if (parsed === undefined) {
      if (sideFileTemporaries.has(name)) leftovers.push({ name, parsed })
    } else if (parsed.state !== 'current') leftovers.push({ name, parsed })
    else if (parsed.kind === '.log') baseOffsets.push(parsed.baseOffset)
    else if (parsed.kind === '.snapshot') snapshotOffsets.push(parsed.baseOffset)
  }
  baseOffsets.sort((a, b) => a - b)
  snapshotOffsets.sort((a, b) => a - b)
  return { baseOffsets, snapshotOffsets, names, leftovers }
}

/** @throws NotALogError */
export function mustBeDirectory(files: Files, path: string): void {
  const kind = files.statSync(path)?.kind
  if (kind === 'directory') return
  const reason = kind === undefined ? 'there is no such directory' : 'it is no directory'
  throw new NotALogError(`${path} holds no log: ${reason}`)
}

/** @throws NotALogError when there is nothing of a log in `directory` */
export function mustHoldLog(files: Files, directory: string): void {
  mustBeDirectory(files, directory)
  if (files.listSync(directory).some((name) => parseSegmentFileName(name)?.kind === '.log')) return
  throw new NotALogError(`${directory} holds no log: there is no .log file in it`)
}

/**
 * Ends what a crash interrupted: removes files that were on their way out or not finished, and carries through
 * a replacement of segments that had got as far as its `.swap` files (Kafka's LogLoader, first pass). Returns
 * the names it removed or renamed, of those in the listing that is given.
 *
 * `.cleaned` files are unfinished output: they go, and so do `.swap` files at or above the lowest of them, whose
 * group was not renamed whole. The surviving `.swap` files are finished output: what they replace goes, and they
 * take their place.
 */
export function finishInterrupted(
  files: Files,
  directory: string,
  endOf: (swapLog: string) => number,
  { leftovers, names } = listPartition(files, directory),
): string[] {
  const done: string[] = []
  const remove = (name: string) => {
    files.removeSync(join(directory, name))
    done.push(name)
  }
  const putInPlace = (name: string) => {
    files.renameSync(join(directory, name), join(directory, name.slice(0, -'.swap'.length)))
    done.push(name)
  }
  const lowestCleaned = Math.min(
    ...leftovers.map(({ parsed }) => (parsed?.state === 'cleaned' ? parsed.baseOffset : Infinity)),
  )
  const swaps = leftovers.filter(
    ({ parsed }) => parsed?.state === 'swap' && parsed.baseOffset < lowestCleaned,
  )
  const dropped = leftovers.filter((leftover) => !swaps.includes(leftover))
  // Durably before what tells that it was not finished.
  for (const { name, parsed } of dropped) if (parsed?.state === 'swap') remove(name)
  if (done.length > 0) files.syncDirectorySync(directory)
  for (const { name, parsed } of dropped) if (parsed?.state !== 'swap') remove(name)
  if (swaps.length > 0) {
    // What it says is true of the old ones. Gone for good before any of them is.
    files.removeSync(join(directory, sealLedgerFile))
    files.syncDirectorySync(directory)
  }
  const replaced = swaps.filter(({ parsed }) => parsed?.kind === '.log')
  for (const { name, parsed } of replaced) {
    const end = endOf(join(directory, name))
    for (const old of names) {
      const file = parseSegmentFileName(old)
      if (file?.state !== 'current' || file.kind === '.snapshot') continue
      if (file.baseOffset >= (parsed?.baseOffset ?? 0) && file.baseOffset < end) remove(old)
    }
  }
  // Were one of those still there, beside the finished output under its final name, its records would come back.
  if (swaps.length > 0) files.syncDirectorySync(directory)
  for (const { name } of replaced) putInPlace(name)
  // While there is a `.log.swap`, the next open takes indexes under their final names for old ones.
  if (replaced.length > 0) files.syncDirectorySync(directory)
  for (const { name, parsed } of swaps) if (parsed?.kind !== '.log') putInPlace(name)
  return done
}

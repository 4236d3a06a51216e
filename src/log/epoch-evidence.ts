import { join } from 'node:path'
import { CorruptionError } from '../base/errors.ts'
import type { Batch } from '../batch/batch.ts'
import { segmentFileName } from './file-names.ts'
import type { LeaderEpoch, LeaderEpochs } from './leader-epochs.ts'
import type { SegmentStorage } from './segment-storage.ts'
import { firstOffsetOf } from './verify-resync.ts'
import { walkHeaders } from './walk.ts'

/** Of a `.index`: relative offset and position, each an int32. */
const offsetIndexEntryBytes = 8

/** What a batch says of leader epochs. */
interface EpochMark {
  readonly baseOffset: number
  /** -1 for none, as of batches from before there were any. */
  readonly epoch: number
}

/** The batches around an offset, as far as there are any. */
interface EpochMarks {
  /** The last one that ends before it. */
  readonly before: EpochMark | undefined
  /** The first one that does not. */
  readonly at: EpochMark | undefined
  /** The one behind that. */
  readonly next: EpochMark | undefined
}

/**
 * Whether the batches deny that an epoch begins where `epochs`, read from the checkpoint, says. The checkpoint has no
 * checksum, and a digit of it may have changed. The epochs in the batches lie outside the checksum, too; but of a batch
 * that is damaged the one behind it agrees with the checkpoint. An epoch in which nothing was written has no batch
 * to be held against, and stands.
 *
 * @param baseOffsets those of the log's segments, ascending
 */
export function areContradicted(
  epochs: LeaderEpochs,
  storage: SegmentStorage,
  baseOffsets: readonly number[],
): boolean {
  return epochs.entries.some((entry, index) =>
    isContradicted(entry, index === 0, marksAround(storage, baseOffsets, entry.startOffset)),
  )
}

function isContradicted(
  { epoch, startOffset }: LeaderEpoch,
  isFirst: boolean,
  { before, at, next }: EpochMarks,
): boolean {
  // The first epoch begins where the log does, which may be in the middle of a segment, and of a batch.
  if (!isFirst && before?.epoch === epoch) return true
  // What is not there any more, for compaction took it, says nothing.
  if (at === undefined || at.epoch < 0 || at.baseOffset > startOffset) return false
  if (!isFirst && at.baseOffset < startOffset) return true
  if (at.epoch === epoch) return false
  return next?.epoch !== epoch || at.epoch === before?.epoch
}

/** Reads headers only, a few of them, found by the indexes where those can be believed. */
function marksAround(storage: SegmentStorage, baseOffsets: readonly number[], offset: number): EpochMarks {
  const first = Math.max(
    baseOffsets.findLastIndex((baseOffset) => baseOffset < offset),
    0,
  )
  const marks: { -readonly [name in keyof EpochMarks]: EpochMark | undefined } = {
    before: undefined,
    at: undefined,
    next: undefined,
  }
  const take = (batch: Batch): boolean => {
    const mark = { baseOffset: firstOffsetOf(batch), epoch: batch.partitionLeaderEpoch }
    if (batch.lastOffset < offset) marks.before = mark
    else if (marks.at === undefined) marks.at = mark
    else marks.next = mark
    return marks.next !== undefined
  }
  for (const baseOffset of baseOffsets.slice(first)) if (!walkNear(storage, baseOffset, offset, take)) break
  return marks
}

/** Visits the batches of a segment around `offset`, and then those behind; false when there is nothing more to see. */
function walkNear(
  storage: SegmentStorage,
  baseOffset: number,
  offset: number,
  visit: (batch: Batch) => boolean,
): boolean {
  const file = storage.pool.get(join(storage.directory, segmentFileName(baseOffset, '.log')))
  const end = file.sizeSync()
  const indexed = indexedPosition(storage, baseOffset, offset - 1)
  for (const start of indexed > 0 ? [indexed, 0] : [0]) {
    let visited = 0
    try {
      const stop = walkHeaders(file, start, end, (batch) => {
        // Nothing vouches for the index, which may have led too far.
        if (start > 0 && visited === 0 && firstOffsetOf(batch) >= offset) return true
        visited++
        return visit(batch)
      })
      if (visited > 0 || stop === end) return stop === end
    } catch (error) {
      // Damage, or a torn tail: what lies behind cannot be held against anything.
      if (!(error instanceof CorruptionError)) throw error
      if (visited > 0 || start === 0) return false
    }
  }
  return true
}

/** What the index file says, by a few reads of single entries: the position for the last one at or below `offset`, or 0. */
function indexedPosition({ files, pool, directory }: SegmentStorage, base: number, offset: number): number {
  const path = join(directory, segmentFileName(base, '.index'))
  if (files.statSync(path) === undefined) return 0
  const file = pool.get(path)
  const entry = Buffer.alloc(offsetIndexEntryBytes)
  let position = 0
  let low = 0
  let high = Math.floor(file.sizeSync() / offsetIndexEntryBytes)
  while (low < high) {
    const middle = (low + high) >>> 1
    file.readSync(entry, 0, entry.length, middle * entry.length)
    if (base + entry.readInt32BE(0) > offset) high = middle
    else {
      position = entry.readInt32BE(4)
      low = middle + 1
    }
  }
  return Math.max(position, 0)
}

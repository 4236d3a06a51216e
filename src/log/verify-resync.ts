import { isSafeInt64 } from '../base/int64.ts'
import { Batch } from '../batch/batch.ts'
import { currentMagic, headerSizeUpToMagic, recordBatchOverhead } from '../batch/format.ts'
import { readBatchSize } from '../batch/iterate-batches.ts'
import type { File } from '../env/env.ts'
import { findNextBatch, isBatchAt } from './scan.ts'

/** Where a segment stands among the others, as far as it says which of its batches can be right. */
export interface SegmentBounds {
  readonly file: File
  /** Size of the file. */
  readonly endPosition: number
  /** Where the next segment begins; undefined in the last one. */
  readonly nextBaseOffset: number | undefined
  /** Where the log ended when it was last known to be durable; undefined when nobody knows. */
  readonly durableOffset: number | undefined
  readonly allowGaps: boolean
}

/** A place behind damage where good batches go on. */
export interface Resumption {
  readonly position: number
  readonly offset: number
}

/** The first offset a batch can be held against. Of a compressed legacy message only the last is known unexpanded. */
export function firstOffsetOf(batch: Batch): number {
  return batch.magic === currentMagic ? batch.baseOffset : batch.lastOffset
}

/**
 * Where good batches go on at or behind `position`, where the batch that begins with `due` should stand and does
 * not. Undefined when nothing good follows in the segment.
 *
 * A right checksum alone is not trusted: the value of a record may hold a whole batch. What is found must also fit
 * the batches around it.
 */
export async function findResumption(
  bounds: SegmentBounds,
  position: number,
  due: number,
): Promise<Resumption | undefined> {
  return (
    resumesHere(bounds, position, due) ??
    resumesBehindBatch(bounds, position, due) ??
    (await resumesSomewhere(bounds, position + 1, due))
  )
}

/** The bytes between were lost without a trace: the batch here is good, only not the one that is due. */
function resumesHere(bounds: SegmentBounds, position: number, due: number): Resumption | undefined {
  const batch = goodBatchAt(bounds, position)
  if (batch === undefined || firstOffsetOf(batch) <= due) return undefined
  const isLast = position + batch.sizeBytes === bounds.endPosition && bounds.nextBaseOffset === undefined
  // With nothing behind it to agree with, its offset is rather damaged than right.
  const agrees = isLast ? batch.nextOffset === bounds.durableOffset : isFollowed(bounds, batch, position)
  return agrees ? { position, offset: firstOffsetOf(batch) } : undefined
}

/** The length field of a damaged batch is right more often than not. */
function resumesBehindBatch(bounds: SegmentBounds, position: number, due: number): Resumption | undefined {
  const damaged = headerAt(bounds, position)
  if (damaged === undefined) return undefined
  const next = position + damaged.sizeBytes
  const batch = goodBatchAt(bounds, next)
  if (batch === undefined || firstOffsetOf(batch) < due) return undefined
  const isClaimed =
    damaged.magic === currentMagic && firstOffsetOf(batch) === due + damaged.lastOffsetDelta + 1
  if (!isClaimed && !isFollowed(bounds, batch, next)) return undefined
  return { position: next, offset: firstOffsetOf(batch) }
}

/**
 * Looks at every byte. A record's value may hold a whole stretch of another log, so a run of batches that ends before
 * the segment does is believed only if what follows does not contradict it.
 */
async function resumesSomewhere(
  bounds: SegmentBounds,
  start: number,
  due: number,
): Promise<Resumption | undefined> {
  for (let from = start; ; from++) {
    const found = await findFollowed(bounds, from, due)
    if (found === undefined) return undefined
    const end = endOfRun(bounds, found)
    const rival =
      end.position < bounds.endPosition ? await findFollowed(bounds, end.position, due) : undefined
    if (rival === undefined || rival.offset >= end.offset) return found
    from = found.position
  }
}

/** The next good batch that is followed by one that fits it. */
async function findFollowed(
  bounds: SegmentBounds,
  start: number,
  due: number,
): Promise<Resumption | undefined> {
  for (let from = start; ; from++) {
    from = await findNextBatch(bounds.file, from, bounds.endPosition, due)
    const batch = from < 0 ? undefined : goodBatchAt(bounds, from)
    if (batch === undefined) return undefined
    if (isFollowed(bounds, batch, from)) return { position: from, offset: batch.baseOffset }
  }
}

/** Where the headers, one following on the other, end that begin at `start`. */
function endOfRun(bounds: SegmentBounds, start: Resumption): Resumption {
  let end = start
  while (end.position < bounds.endPosition) {
    const header = headerAt(bounds, end.position)
    if (header === undefined || !follows(bounds, firstOffsetOf(header), end.offset)) break
    end = { position: end.position + header.sizeBytes, offset: header.nextOffset }
  }
  return end
}

/** Whether what comes behind `batch` goes on where it ends. */
function isFollowed(bounds: SegmentBounds, batch: Batch, position: number): boolean {
  const { endPosition, nextBaseOffset, durableOffset = 0 } = bounds
  const next = position + batch.sizeBytes
  if (next < endPosition) {
    const following = headerAt(bounds, next)
    return following !== undefined && follows(bounds, firstOffsetOf(following), batch.nextOffset)
  }
  return nextBaseOffset === undefined
    ? batch.nextOffset >= durableOffset
    : follows(bounds, nextBaseOffset, batch.nextOffset)
}

function follows({ allowGaps }: SegmentBounds, offset: number, due: number): boolean {
  return allowGaps ? offset >= due : offset === due
}

/** A plausible header at `position`; the batch itself may be cut short or damaged. */
function headerAt({ file, endPosition }: SegmentBounds, position: number): Batch | undefined {
  const bytes = Buffer.alloc(recordBatchOverhead)
  const length = file.readSync(
    bytes,
    0,
    Math.min(bytes.length, Math.max(endPosition - position, 0)),
    position,
  )
  if (length < headerSizeUpToMagic || readBatchSize(bytes, 0, length) < 0) return undefined
  const header = new Batch(bytes)
  const isKnown = header.magic >= 0 && header.magic <= currentMagic && bytes.readInt8(0) >= 0
  return isKnown && isSafeInt64(bytes, 0) ? header : undefined
}

/** The whole batch with a right checksum at `position`, if there is one; only its header is in the buffer. */
function goodBatchAt(bounds: SegmentBounds, position: number): Batch | undefined {
  const { file, endPosition } = bounds
  return position + headerSizeUpToMagic <= endPosition && isBatchAt(file, position, endPosition)
    ? headerAt(bounds, position)
    : undefined
}

import { Batch } from '../batch/batch.ts'
import { readBatchSize } from '../batch/iterate-batches.ts'
import {
  currentMagic,
  lastOffsetDeltaPosition,
  magicPosition,
  maxTimestampPosition,
  producerIdPosition,
  recordBatchOverhead,
} from '../batch/format.ts'
import { isSafeInt64 } from '../base/int64.ts'
import { CorruptionError } from '../base/errors.ts'
import type { File, Files } from '../env/env.ts'

/** How much one read of a walk fetches: two index intervals, so that a lookup is usually one read. */
const windowBytes = 8 * 1024

/** Reused by every walk: a walk is synchronous, so no two ever overlap. */
const window = Buffer.allocUnsafe(windowBytes)

/**
 * Visits the batches of a segment from `start` to `end` by their headers alone: the bodies are skipped, so only
 * the fields of the header may be read from the view, and only during the call. Stops when `visit` returns true
 * and returns that batch's position, or `end`.
 *
 * Throws CorruptionError where a header cannot be one.
 */
export function walkHeaders(
  file: File,
  start: number,
  end: number,
  visit: (batch: Batch, position: number) => boolean,
): number {
  let position = start
  while (position < end) {
    const length = file.readSync(window, 0, Math.min(windowBytes, end - position), position)
    let at = 0
    // A header that is cut by the window's end is read again at the start of the next window.
    while (at + recordBatchOverhead <= length || (at < length && position + length >= end)) {
      const size = checkedSize(file, length, at, position, end)
      if (visit(new Batch(window, at), position + at)) return position + at
      at += size
    }
    if (at === 0) throw new CorruptionError(file.path, position, 'the file ends inside a batch header')
    position += at
  }
  return end
}

function checkedSize(file: File, length: number, at: number, position: number, end: number): number {
  const size = readBatchSize(window, at, length)
  if (size < 0 || position + at + size > end || !isReadable(at))
    throw new CorruptionError(file.path, position + at, 'no batch begins here')
  return size
}

/** Whether a visitor may read the numbers of the header: the checksum, which would vouch for them, is not computed. */
function isReadable(at: number): boolean {
  if (!isSafeInt64(window, at) || window.readInt8(at) < 0) return false
  const magic = window.readInt8(at + magicPosition)
  if (magic < 0 || magic > currentMagic) return false
  if (magic < currentMagic) return true
  if (window.readInt32BE(at + lastOffsetDeltaPosition) < 0) return false
  return isSafeInt64(window, at + maxTimestampPosition) && isSafeInt64(window, at + producerIdPosition)
}

/** The batch whose header a walk met at `position`, with all its bytes. Unlike the header it outlives the visit. */
export function wholeBatch(file: File, header: Batch, position: number): Batch {
  const bytes = Buffer.allocUnsafe(header.sizeBytes)
  file.readSync(bytes, 0, bytes.length, position)
  return new Batch(bytes)
}

/**
 * The first offset of the batch whose header a walk met at `position`: that of a legacy message set is only in its
 * content.
 *
 * @throws CorruptionError
 */
export function baseOffsetOf(file: File, header: Batch, position: number): number {
  if (header.magic === currentMagic) return header.baseOffset
  const batch = wholeBatch(file, header, position)
  const fault = batch.fault()
  if (fault !== undefined) throw new CorruptionError(file.path, position, fault)
  return batch.baseOffset
}

/** For the end of a segment file that is known by its path alone: the offset after its last batch, or 0. */
export function endOfSegmentFile(files: Files): (path: string) => number {
  return (path) => {
    const file = files.openSync(path, 'read')
    let end = 0
    try {
      walkHeaders(file, 0, file.sizeSync(), (batch) => {
        end = batch.nextOffset
        return false
      })
    } finally {
      file.closeSync()
    }
    return end
  }
}

import { Batch } from '../batch/batch.ts'
import { headerCutShort, impossibleSize, readBatchSize } from '../batch/iterate-batches.ts'
import { isSafeInt64 } from '../base/int64.ts'
import { headerSizeUpToMagic, logOverhead, recordBatchOverhead } from '../batch/format.ts'
import type { File } from '../env/env.ts'
import { crc32cRange } from '../../native-free/crc32c.ts'

/**
 * How a scan ended. `end`: exactly at the end of the range. `incomplete`: the last batch's header promises more
 * bytes than there are, as a write that was cut short leaves it. `invalid`: the bytes at `position` are no
 * batch that was ever written there. The scan only tells; what to do about it is decided elsewhere.
 */
export interface ScanStop {
  readonly kind: 'end' | 'incomplete' | 'invalid'
  /** End of the last good batch, and start of what is not good. */
  readonly position: number
  readonly reason: string
}

export interface ScanOptions {
  readonly start: number
  readonly end: number
  /**
   * Called for each batch whose checksum is right, with its position in the file. The view is valid during the
   * call only. Returns why the batch may not stand here (a wrong offset, say), which ends the scan as `invalid`.
   */
  readonly onBatch: (batch: Batch, position: number) => string | undefined
  /** Told the bytes scanned so far, now and then. */
  readonly onProgress?: (scannedBytes: number) => void
}

/** One read of this many bytes per turn of the event loop: about half a millisecond of checksums. */
const windowBytes = 2 * 1024 * 1024

/**
 * Reads a segment from `start` to `end` and checks every batch: a plausible size, and the checksum. Memory is
 * constant: a batch larger than the window is checked in pieces. Never writes.
 */
export async function scanSegment(file: File, options: ScanOptions): Promise<ScanStop> {
  const window = Buffer.allocUnsafe(Math.min(windowBytes, Math.max(options.end - options.start, 1)))
  let position = options.start
  while (position < options.end) {
    const length = await fill(file, window, Math.min(window.length, options.end - position), position)
    const stop = scanWindow(window, length, position, options)
    if (stop.kind !== 'incomplete') {
      if (stop.kind === 'invalid') return stop
    } else if (stop.position === position) {
      const large = await scanLargeBatch(file, window, length, position, options)
      if (large.kind !== 'end') return large
      position = large.position
      continue
    }
    position = stop.position
    options.onProgress?.(position - options.start)
  }
  return { kind: 'end', position, reason: '' }
}

/** Reads until `length` bytes are there or the file ends. */
async function fill(file: File, target: Buffer, length: number, position: number): Promise<number> {
  let filled = 0
  while (filled < length) {
    const count = await file.read(target, filled, length - filled, position + filled)
    if (count === 0) break
    filled += count
  }
  return filled
}

/** Walks the whole batches in `window`, whose first byte is at `filePosition`. `incomplete` means: the rest lies beyond it. */
function scanWindow(window: Buffer, length: number, filePosition: number, options: ScanOptions): ScanStop {
  let at = 0
  while (at < length) {
    const size = readBatchSize(window, at, length)
    const position = filePosition + at
    if (size === headerCutShort) break
    if (size === impossibleSize)
      return { kind: 'invalid', position, reason: 'the size field is below the minimum' }
    if (at + size > length) break
    const batch = new Batch(window, at)
    const reason = batch.fault() ?? options.onBatch(batch, position)
    if (reason !== undefined) return { kind: 'invalid', position, reason }
    at += size
  }
  const position = filePosition + at
  return at === length
    ? { kind: 'end', position, reason: '' }
    : { kind: 'incomplete', position, reason: 'the last batch is incomplete' }
}

/** The batch at `position` does not fit the window, or the range: checks it piece by piece. */
async function scanLargeBatch(
  file: File,
  window: Buffer,
  length: number,
  position: number,
  options: ScanOptions,
): Promise<ScanStop> {
  const incomplete = { kind: 'incomplete', position, reason: 'the last batch is incomplete' } as const
  if (length < recordBatchOverhead) return incomplete
  const header = Buffer.from(window.subarray(0, recordBatchOverhead))
  const batch = new Batch(header, 0)
  const end = position + batch.sizeBytes
  if (end > options.end) return incomplete
  let crc = 0
  for (let at = position; at < end; ) {
    const count = await fill(file, window, Math.min(window.length, end - at), at)
    if (count === 0) return incomplete
    crc = crc32cRange(window, at === position ? headerSizeUpToMagic + 4 : 0, count, crc)
    at += count
    options.onProgress?.(at - options.start)
  }
  // The base offset is outside the checksum; one that is no number would make its getter throw.
  const whole = batch.magic === 2 && crc === batch.crc && header.readInt8(0) >= 0 && isSafeInt64(header, 0)
  const reason = whole ? options.onBatch(batch, position) : 'the checksum does not match'
  if (reason !== undefined) return { kind: 'invalid', position, reason }
  return { kind: 'end', position: end, reason: '' }
}

/**
 * The first position at or after `start` where a whole batch with a right checksum begins, or -1. Tells a torn
 * tail (nothing good follows) from damage in the middle (the rest is still there).
 */
export async function findNextBatch(
  file: File,
  start: number,
  end: number,
  minimumOffset: number,
): Promise<number> {
  const overlap = recordBatchOverhead
  const window = Buffer.allocUnsafe(Math.min(windowBytes, Math.max(end - start, 1)))
  for (let position = start; position + recordBatchOverhead <= end; position += window.length - overlap) {
    const length = await fill(file, window, Math.min(window.length, end - position), position)
    for (let at = 0; at + recordBatchOverhead <= length; at++) {
      if (window[at + headerSizeUpToMagic - 1] !== 2) continue
      if (looksLikeBatch(window, at, end - position, minimumOffset) && isBatchAt(file, position + at, end))
        return position + at
    }
    // Without the second condition a range of exactly one header would be searched for ever.
    if (length < window.length || position + length >= end) break
  }
  return -1
}

function looksLikeBatch(window: Buffer, at: number, remaining: number, minimumOffset: number): boolean {
  const size = logOverhead + window.readInt32BE(at + 8)
  if (size < recordBatchOverhead || at + size > remaining) return false
  if (window.readInt32BE(at) < 0 || window.readInt32BE(at) >= 2 ** 21) return false
  return new Batch(window, at).baseOffset >= minimumOffset
}

/** Whether the bytes at `position` are a whole batch with a right checksum. */
export function isBatchAt(file: File, position: number, end: number): boolean {
  const header = Buffer.allocUnsafe(headerSizeUpToMagic)
  if (file.readSync(header, 0, header.length, position) < header.length) return false
  const size = readBatchSize(header, 0, header.length)
  if (size < 0 || position + size > end) return false
  const bytes = Buffer.allocUnsafe(size)
  return file.readSync(bytes, 0, size, position) === size && new Batch(bytes, 0).isValid()
}

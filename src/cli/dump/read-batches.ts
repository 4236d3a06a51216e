import { Batch } from '../../batch/batch.ts'
import { readBatchSize } from '../../batch/iterate-batches.ts'
import type { File } from '../../env/env.ts'

const windowBytes = 1024 * 1024

/** A batch and where it stands in its file. */
export interface StoredBatch {
  readonly batch: Batch
  readonly position: number
}

/**
 * The batches of a segment file by their sizes alone: whether one is intact is for the caller to ask. Ends where no
 * whole batch begins. A batch is good until the next one is asked for.
 */
export async function* readBatches(file: File): AsyncGenerator<StoredBatch> {
  const endPosition = file.sizeSync()
  let position = 0
  let leastBytes = windowBytes
  while (position < endPosition) {
    const window = await readAt(file, position, Math.min(leastBytes, endPosition - position))
    const next = yield* batchesIn(window, position)
    const size = readBatchSize(window, next - position)
    // No size that may be right, or one that reaches beyond the file.
    if (size < 0 ? next === position : size > endPosition - next) return
    leastBytes = Math.max(windowBytes, size)
    position = next
  }
}

/** Returns the position behind the last whole batch in `window`. */
function* batchesIn(window: Buffer, windowPosition: number): Generator<StoredBatch, number> {
  let at = 0
  while (true) {
    const size = readBatchSize(window, at)
    if (size < 0 || at + size > window.length) return windowPosition + at
    yield { batch: new Batch(window, at), position: windowPosition + at }
    at += size
  }
}

async function readAt(file: File, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length)
  let filled = 0
  while (filled < length) {
    const count = await file.read(bytes, filled, length - filled, position + filled)
    if (count === 0) break
    filled += count
  }
  return bytes.subarray(0, filled)
}

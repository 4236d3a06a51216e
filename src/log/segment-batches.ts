import { CorruptionError } from '../base/errors.ts'
import { Batch } from '../batch/batch.ts'
import { currentMagic } from '../batch/format.ts'
import { readBatchSize } from '../batch/iterate-batches.ts'
import type { FilePool } from './file-pool.ts'
import type { Segment } from './segment.ts'

const windowBytes = 512 * 1024

/**
 * The batches of a sealed segment, in slices of whole ones, each slice a buffer of its own. The file is kept open, so
 * that it can be read to its end whatever becomes of its name. Memory: one slice, or one batch if that is larger.
 *
 * @throws CorruptionError where the bytes are not whole batches up to the end of the segment
 */
export async function* segmentSlices(pool: FilePool, segment: Segment): AsyncGenerator<Buffer> {
  const path = segment.path('.log')
  const { sizeBytes } = segment
  const pin = pool.pin(path)
  try {
    let length = windowBytes
    for (let position = 0; position < sizeBytes; ) {
      const slice = Buffer.allocUnsafe(Math.min(length, sizeBytes - position))
      for (let at = 0; at < slice.length; ) {
        const count = await pin.file.read(slice, at, slice.length - at, position + at)
        if (count === 0) throw new CorruptionError(path, position + at, 'the file ends before its batches do')
        at += count
      }
      const end = endOfWholeBatches(slice)
      if (end > 0) yield slice.subarray(0, end)
      length = end > 0 ? windowBytes : readBatchSize(slice, 0)
      if (end === 0 && (length < 0 || position + length > sizeBytes))
        throw new CorruptionError(path, position, 'no batch begins here')
      position += end
    }
  } finally {
    pin.release()
  }
}

function endOfWholeBatches(slice: Buffer): number {
  let end = 0
  while (end < slice.length) {
    const size = readBatchSize(slice, end)
    if (size < 0 || end + size > slice.length) break
    end += size
  }
  return end
}

/** The batches of a slice, each checked: its checksum, and that it follows on the one before. */
export class BatchChecker {
  readonly #path: string
  #due: number
  #position = 0

  constructor(segment: Segment) {
    this.#path = segment.path('.log')
    this.#due = segment.baseOffset
  }

  /**
   * Damage must not be given a new checksum.
   *
   * @throws CorruptionError
   */
  *batchesOf(slice: Buffer): IterableIterator<Batch> {
    for (let at = 0; at < slice.length; ) {
      const batch = new Batch(slice, at)
      const fault = batch.fault() ?? this.#misplacement(batch)
      if (fault !== undefined) throw new CorruptionError(this.#path, this.#position, fault)
      this.#due = batch.nextOffset
      this.#position += batch.sizeBytes
      at += batch.sizeBytes
      yield batch
    }
  }

  #misplacement({ magic, baseOffset, lastOffset }: Batch): string | undefined {
    const offset = magic === currentMagic ? baseOffset : lastOffset
    if (offset >= this.#due) return undefined
    return `the batch begins with offset ${offset} where ${this.#due} is due`
  }
}

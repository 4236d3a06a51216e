import { Batch } from './batch.ts'
import { headerCutShort, impossibleSize, readBatchSize } from './batch-size.ts'
import { batchLengthPosition, minimumRecordSize } from './format.ts'
import { type BatchOrigin, refuseMalformed } from './malformed.ts'

export { headerCutShort, impossibleSize, readBatchSize } from './batch-size.ts'

/**
 * The whole batches in `[start, end)` of `buffer`, in order. Stops before one that is cut short by `end`, as slices
 * of a log may end anywhere. Checksums are the caller's to check.
 *
 * @throws InvalidRecordError where no batch can begin, or CorruptionError when `origin.file` is given
 */
export function* iterateBatches(
  buffer: Buffer,
  start = 0,
  end: number = buffer.length,
  origin: BatchOrigin = {},
): IterableIterator<Batch> {
  let position = start
  while (true) {
    const size = readBatchSize(buffer, position, end)
    if (size === impossibleSize) refuseSize(buffer, position, origin)
    if (size === headerCutShort || position + size > end) return
    yield new Batch(buffer, position)
    position += size
  }
}

function refuseSize(buffer: Buffer, position: number, origin: BatchOrigin): never {
  const size = buffer.readInt32BE(position + batchLengthPosition)
  const reason = `its length field says ${size}, less than the ${minimumRecordSize} of the smallest message`
  refuseMalformed(origin, buffer.readBigInt64BE(position), reason)
}

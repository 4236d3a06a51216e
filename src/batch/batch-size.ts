import { batchLengthPosition, headerSizeUpToMagic, logOverhead, minimumRecordSize } from './format.ts'

/** {@link readBatchSize}: too few bytes for a header, so nothing can be said. At the end of a file, a torn write. */
export const headerCutShort = -1
/** {@link readBatchSize}: no batch has such a size. Damage wherever it stands. */
export const impossibleSize = -2

/**
 * Bytes that the batch at `position` takes, as its header says; they may reach beyond `end`, which at the end of a file
 * means a torn write. Otherwise one of the two negative verdicts {@link headerCutShort} and {@link impossibleSize}.
 *
 * @param end where the bytes of the log end in `buffer` (exclusive)
 */
export function readBatchSize(buffer: Buffer, position: number, end: number = buffer.length): number {
  if (end - position < headerSizeUpToMagic) return headerCutShort
  const size = buffer.readInt32BE(position + batchLengthPosition)
  return size < minimumRecordSize ? impossibleSize : size + logOverhead
}

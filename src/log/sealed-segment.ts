import { CorruptionError } from '../base/errors.ts'
import { isSafeInt64, readInt64 } from '../base/int64.ts'
import { IndexCadence } from './index-cadence.ts'
import { Segment } from './segment.ts'
import type { SegmentStorage } from './segment-storage.ts'
import type { FileDigest } from './segment-indexes.ts'
import { walkHeaders } from './walk.ts'

/** The last entry of an index file, and its size; undefined when the file cannot be what it should. */
function lastEntry(
  storage: SegmentStorage,
  path: string,
  entryBytes: number,
): { entry: Buffer | undefined; digest: FileDigest } | undefined {
  const sizeBytes = storage.files.statSync(path)?.sizeBytes
  if (sizeBytes === undefined || sizeBytes % entryBytes !== 0) return undefined
  const digest = { sizeBytes, crc: undefined }
  if (sizeBytes === 0) return { entry: undefined, digest }
  const entry = Buffer.alloc(entryBytes)
  storage.pool.get(path).readSync(entry, 0, entryBytes, sizeBytes - entryBytes)
  // Kafka gives an index its full size in advance: after a crash zeros may stand where entries do not.
  return entry.every((byte) => byte === 0) ? undefined : { entry, digest }
}

/**
 * A sealed segment taken up by the tails of its indexes, without reading the log but for what lies behind the last
 * entry. `nextOffset` is where the following segment begins, up to which this one must reach (less under
 * compaction, which the caller judges). Undefined when the indexes do not fit the log: then it must be scanned.
 */
export function sealedSegment(
  storage: SegmentStorage,
  baseOffset: number,
  nextOffset: number,
): Segment | undefined {
  const blank = Segment.blank(storage, baseOffset)
  const offsets = lastEntry(storage, blank.path('.index'), 8)
  const times = lastEntry(storage, blank.path('.timeindex'), 12)
  const transactions = lastEntry(storage, blank.path('.txnindex'), 34)
  const hasTransactions = storage.files.statSync(blank.path('.txnindex')) !== undefined
  if (offsets === undefined || times === undefined || (hasTransactions && transactions === undefined))
    return undefined
  const file = blank.file()
  const sizeBytes = file.sizeSync()
  const lastPosition = offsets.entry?.readInt32BE(4) ?? 0
  if (lastPosition < 0 || lastPosition > sizeBytes || (times.entry === undefined && sizeBytes > 0))
    return undefined
  if (times.entry !== undefined && !isSafeInt64(times.entry, 0)) return undefined
  const cadence = new IndexCadence(storage.indexIntervalBytes)
  let end = baseOffset
  try {
    const missing = walkHeaders(file, lastPosition, sizeBytes, (batch) => {
      end = batch.nextOffset
      return cadence.onBatch(batch.sizeBytes)
    })
    // A batch behind the last entry that should have one itself: the index was cut.
    if (missing < sizeBytes) return undefined
  } catch (error) {
    if (error instanceof CorruptionError) return undefined
    throw error
  }
  if (end > nextOffset) return undefined
  return Segment.sealed(storage, {
    baseOffset,
    sizeBytes,
    nextOffset: end,
    maxTimestamp: times.entry === undefined ? -1 : readInt64(times.entry, 0, 'timestamp'),
    offsetOfMaxTimestamp: times.entry === undefined ? -1 : baseOffset + times.entry.readInt32BE(8),
    digests: {
      offsets: offsets.digest,
      times: times.digest,
      transactions: transactions?.digest ?? { sizeBytes: -1, crc: undefined },
    },
  })
}

import { join } from 'node:path'
import { Batch } from '../batch/batch.ts'
import { recordBatchOverhead } from '../batch/format.ts'
import { type CleanShutdown, differenceFrom, type ReadSideFile } from './clean-shutdown.ts'
import { segmentFileName } from './file-names.ts'
import type { PartitionListing } from './partition-listing.ts'
import { isBatchAt } from './scan.ts'
import type { SegmentStorage } from './segment-storage.ts'

/**
 * Why a directory that was closed cleanly must be scanned all the same: names and sizes are compared, the small side
 * files, and the last batch. Undefined when all are as they were left.
 */
export function whyDistrusted(
  clean: CleanShutdown,
  { files, directory, pool }: SegmentStorage,
  listing: PartitionListing,
  read: ReadSideFile,
): string | undefined {
  const different = differenceFrom(clean, files, directory, listing, read)
  if (different !== undefined) return different
  if (clean.lastBatch === undefined) return undefined
  const { baseOffset, position } = clean.lastBatch
  const path = join(directory, segmentFileName(baseOffset, '.log'))
  const size = clean.segments.find((segment) => segment.baseOffset === baseOffset)?.sizeBytes ?? 0
  if (!isBatchAt(pool.get(path), position, size)) return 'the last batch is damaged'
  const header = Buffer.alloc(recordBatchOverhead)
  pool.get(path).readSync(header, 0, header.length, position)
  return new Batch(header).nextOffset === clean.endOffset ? undefined : 'the last batch is another one'
}

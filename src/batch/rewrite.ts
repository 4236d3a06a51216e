import { assembleBatch, type BatchHeader } from './batch-header.ts'
import type { Batch } from './batch.ts'
import { noTimestamp, recordBatchOverhead } from './format.ts'
import { type CompressionName, decompress, defaultMaxDecompressedBytes } from './compression.ts'
import type { LogRecord } from './log-record.ts'
import type { RecordsOptions } from './record-reader.ts'
import { RecordWriter } from './record-writer.ts'

/** How a batch is rewritten. */
export interface RewriteOptions extends RecordsOptions {
  /**
   * Time from which the tombstones kept now may be dropped (KIP-534). It is set on a batch that keeps a tombstone, or is
   * a control batch, and has no horizon yet: the first compaction that meets them decides, later ones keep its
   * word. Default: none is set.
   */
  readonly deleteHorizonMs?: number
  /** When no record is kept: leave a header, as a producer's last batch needs for its sequence. Default false. */
  readonly retainEmpty?: boolean
  /** Default: the batch's own. One that this runtime can read but not write (zstd before Node 22.15) needs another. */
  readonly compression?: CompressionName
  /** On that codec's own scale. Default: the codec's. */
  readonly compressionLevel?: number
}

/**
 * The batch with the records that `keep` says, as compaction writes it: offsets, sequences, producer and epoch stay,
 * so what is gone leaves gaps, and the largest timestamp is that of the records that are left. A batch that loses
 * nothing is returned as it is: a view of `batch.buffer`, not a copy. Legacy messages that lose some are written as a
 * batch of the current version.
 *
 * @returns undefined when nothing of the batch is left
 * @throws as `Batch.records` does, and CodecUnavailableError when this runtime cannot write the compression
 */
export function rewriteBatch(
  batch: Batch,
  keep: (record: LogRecord) => boolean,
  options: RewriteOptions = {},
): Buffer | undefined {
  const kept: LogRecord[] = []
  for (const record of batch.records(options)) if (keep(record)) kept.push(record)
  if (kept.length === 0) return options.retainEmpty ? headerOnlyBatch(batch) : undefined
  const deleteHorizonMs = horizonOf(batch, kept, options.deleteHorizonMs)
  const isUnchanged =
    kept.length === batch.recordsCount && batch.hasDeleteHorizon === (deleteHorizonMs !== undefined)
  if (isUnchanged) return batch.buffer.subarray(batch.start, batch.endPosition)
  return writeKept(batch, kept, deleteHorizonMs, options)
}

/**
 * What compaction leaves of a batch without records when its offsets or its producer's sequence must not be
 * forgotten: 61 bytes.
 */
export function headerOnlyBatch(batch: Batch): Buffer {
  const header: BatchHeader = {
    ...headerOf(batch),
    compression: 'none',
    hasDeleteHorizon: false,
    baseTimestamp: noTimestamp,
    maxTimestamp: batch.maxTimestamp,
    recordsCount: 0,
  }
  return assembleBatch(header, Buffer.alloc(0))
}

/**
 * The batch with the same records, byte for byte, under another compression: offsets, timestamps, producer and sequence
 * stay, as does what is in the header beside the size and the checksum.
 *
 * @throws CodecError, CodecUnavailableError, OutputTooLargeError when the records cannot be expanded, or not compressed
 */
export function recompressBatch(
  batch: Batch,
  compression: CompressionName,
  { compressionLevel, maxDecompressedBytes = defaultMaxDecompressedBytes }: RewriteOptions = {},
): Buffer {
  const block = batch.buffer.subarray(batch.start + recordBatchOverhead, batch.endPosition)
  const isPlain = batch.compression === 'none'
  const records = isPlain ? block : decompress(batch.compression, block, maxDecompressedBytes)
  const header: BatchHeader = {
    ...headerOf(batch),
    compression,
    hasDeleteHorizon: batch.hasDeleteHorizon,
    baseTimestamp: batch.baseTimestamp,
    maxTimestamp: batch.maxTimestamp,
    recordsCount: batch.recordsCount,
  }
  return assembleBatch(header, records, compressionLevel)
}

function horizonOf(batch: Batch, kept: LogRecord[], deleteHorizonMs: number | undefined): number | undefined {
  if (batch.hasDeleteHorizon) return batch.deleteHorizonMs
  const needsHorizon = batch.isControl || kept.some((record) => record.valueSizeBytes < 0)
  return needsHorizon ? deleteHorizonMs : undefined
}

function writeKept(
  batch: Batch,
  kept: LogRecord[],
  deleteHorizonMs: number | undefined,
  { compression = batch.compression, compressionLevel }: RewriteOptions,
): Buffer {
  const writer = new RecordWriter(deleteHorizonMs)
  try {
    const head = headerOf(batch)
    for (const record of kept) writer.copy(record, record.offset - head.baseOffset)
    const header: BatchHeader = {
      ...head,
      compression,
      hasDeleteHorizon: deleteHorizonMs !== undefined,
      baseTimestamp: writer.baseTimestamp,
      maxTimestamp: batch.timestampType === 'LogAppendTime' ? batch.maxTimestamp : writer.maxTimestamp,
      recordsCount: kept.length,
    }
    return assembleBatch(header, writer.records, compressionLevel)
  } finally {
    writer.release()
  }
}

/** What no rewriting changes. */
function headerOf(batch: Batch) {
  return {
    baseOffset: batch.baseOffset,
    partitionLeaderEpoch: batch.partitionLeaderEpoch,
    timestampType: batch.timestampType,
    isTransactional: batch.isTransactional,
    isControl: batch.isControl,
    lastOffsetDelta: batch.lastOffsetDelta,
    producerId: batch.producerId,
    producerEpoch: batch.producerEpoch,
    baseSequence: batch.baseSequence,
  }
}

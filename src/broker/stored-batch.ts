import { RecordTooLargeError } from '../base/errors.ts'
import { Batch } from '../batch/batch.ts'
import { type CompressionName, defaultMaxDecompressedBytes } from '../batch/compression.ts'
import { recompressBatch } from '../batch/rewrite.ts'
import { takeIncomingBatch } from '../log/incoming-batch.ts'
import type { LogConfig } from '../log/log-config.ts'
import type { TopicConfig } from './config/declared-configs.ts'

/** What a batch is held against and how it is kept. */
export interface BatchRules {
  readonly log: LogConfig
  readonly topic: TopicConfig
  readonly nowMs: number
  /** Brokers alone write control batches. */
  readonly allowControl: boolean
}

/** Honest records are compressed less than this many times, or are few. */
const compressionRatioMax = 16

/** Whatever `max.message.bytes`, a batch may expand to so many bytes: expanding them takes some ten milliseconds. */
const expandedBytesMin = 16 * 1024 * 1024

/**
 * Most bytes that a batch may expand to where `max.message.bytes` is `maxMessageBytes`. All is expanded within one turn
 * of the event loop, so what a frame of 1 MiB may ask for has to end long before the gigabyte that it can name.
 */
export function expandedBytesMax(maxMessageBytes: number): number {
  const wanted = Math.max(compressionRatioMax * maxMessageBytes, expandedBytesMin)
  return Math.min(wanted, defaultMaxDecompressedBytes)
}

/**
 * The batch in `records` as the log is to keep it: checked down to each record, with the time of the append if the topic
 * wants that, and compressed as `compression.type` says. What need not change stays in `records`.
 *
 * @throws TidemarkError as `takeIncomingBatch` does, RecordTooLargeError also for what recompressing has made larger
 */
export function toStoredBatch(records: Buffer, { log, topic, nowMs, allowControl }: BatchRules): Batch {
  const maxDecompressedBytes = expandedBytesMax(log.maxMessageBytes)
  const batch = takeIncomingBatch(records, log, nowMs, { allowControl, maxDecompressedBytes })
  const compression = compressionOf(topic)
  // Markers of transactions are never compressed.
  if (compression === undefined || compression === batch.compression || batch.isControl) return batch
  const compressionLevel = levelOf(topic, compression)
  const options = { maxDecompressedBytes, ...(compressionLevel === undefined ? {} : { compressionLevel }) }
  const recompressed = new Batch(recompressBatch(batch, compression, options))
  if (recompressed.sizeBytes <= log.maxMessageBytes) return recompressed
  throw new RecordTooLargeError(recompressed.sizeBytes, log.maxMessageBytes)
}

/** Undefined where batches stay as their producers made them. */
function compressionOf(topic: TopicConfig): CompressionName | undefined {
  const type = topic['compression.type']
  if (type === 'producer') return undefined
  return type === 'uncompressed' ? 'none' : type
}

function levelOf(topic: TopicConfig, compression: CompressionName): number | undefined {
  switch (compression) {
    case 'gzip':
      return topic['compression.gzip.level']
    case 'lz4':
      return topic['compression.lz4.level']
    case 'zstd':
      return topic['compression.zstd.level']
    default:
      return undefined
  }
}

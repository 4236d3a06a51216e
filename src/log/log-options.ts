import type { CompressionName } from '../batch/compression.ts'
import type { TimestampType } from '../batch/format.ts'
import type { Env } from '../env/env.ts'
import type { CleanupPolicy } from './cleanup-policy.ts'
import type { LogConfig } from './log-config.ts'
import type { RecoveryProgress } from './recovery.ts'

/**
 * When an append is acknowledged, and what a crash can then still take:
 *
 * - `'sync'`: after `fdatasync`. Nothing acknowledged is lost, not by `kill -9` and not by a power cut. Appends
 *   that arrive together share one sync.
 * - `'interval'`: after the write; synced every `syncIntervalMs`, or every `syncIntervalRecords`. Survives
 *   `kill -9`; a power cut takes at most the last interval.
 * - `'os'`: after the write; the operating system writes it to the disk when it likes (Kafka's default). Survives
 *   `kill -9`; a power cut takes what was not written yet.
 */
export type Durability = LogConfig['durability']

/** Apache Kafka's names for some of the options, accepted in their place. */
export type KafkaLogConfigName =
  | 'cleanup.policy'
  | 'compression.type'
  | 'delete.retention.ms'
  | 'file.delete.delay.ms'
  | 'flush.messages'
  | 'flush.ms'
  | 'index.interval.bytes'
  | 'log.cleaner.backoff.ms'
  | 'log.cleaner.dedupe.buffer.size'
  | 'log.retention.check.interval.ms'
  | 'max.compaction.lag.ms'
  | 'max.message.bytes'
  | 'message.timestamp.after.max.ms'
  | 'message.timestamp.before.max.ms'
  | 'message.timestamp.type'
  | 'min.cleanable.dirty.ratio'
  | 'min.compaction.lag.ms'
  | 'producer.id.expiration.ms'
  | 'retention.bytes'
  | 'retention.ms'
  | 'segment.bytes'
  | 'segment.index.bytes'
  | 'segment.ms'

/** How a log is kept. Sizes in bytes, times in milliseconds; -1 means no limit where it says so. */
export interface LogOptions extends Readonly<Partial<Record<KafkaLogConfigName, number | string>>> {
  /** When an append is acknowledged. Default `'sync'`. */
  readonly durability?: Durability
  /** Under `'interval'`, the longest that a record stays unsynced. Default 1000. Kafka: `flush.ms`. */
  readonly syncIntervalMs?: number
  /** Under `'interval'`, sync after so many records even earlier. Default -1, no limit. Kafka: `flush.messages`. */
  readonly syncIntervalRecords?: number
  /** Size at which a new segment is started; also the largest batch. Default 1 GiB. Kafka: `segment.bytes`. */
  readonly segmentBytes?: number
  /** Age, by the records' timestamps, at which a new segment is started. Default 7 days; -1 no limit. Kafka: `segment.ms`. */
  readonly segmentMs?: number
  /** Bytes of log per index entry: smaller finds an offset in fewer reads, and makes larger indexes. Default 4096. Kafka: `index.interval.bytes`. */
  readonly indexIntervalBytes?: number
  /** Size of an index at which a new segment is started. Default 10 MiB. Kafka: `segment.index.bytes`. */
  readonly indexBytesMax?: number
  /** How appended records are compressed. Default `'none'`. Kafka: `compression.type`. */
  readonly compression?: CompressionName
  /** Largest batch, which is to say largest append of records. Default 1 MiB + 12. Kafka: `max.message.bytes`. */
  readonly maxMessageBytes?: number
  /** Whether a record keeps the timestamp it came with, or gets the time of the append. Default `'CreateTime'`. Kafka: `message.timestamp.type`. */
  readonly timestampType?: TimestampType
  /** How far in the past a timestamp may lie. Default -1, no limit. Kafka: `message.timestamp.before.max.ms`. */
  readonly timestampBeforeMaxMs?: number
  /** How far in the future a timestamp may lie: one far ahead would keep its segment from ever being old. Default 1 hour; -1 no limit. Kafka: `message.timestamp.after.max.ms`. */
  readonly timestampAfterMaxMs?: number
  /** Delete segments whose newest record is older. Default -1, keep for ever. Kafka: `retention.ms`. */
  readonly retentionMs?: number
  /** Delete the oldest segments while the log stays at least this large. Default -1, no limit. Kafka: `retention.bytes`. */
  readonly retentionBytes?: number
  /** How often retention is looked at. Default 5 minutes. Kafka: `log.retention.check.interval.ms`. */
  readonly retentionCheckMs?: number
  /** How long the files of a deleted segment stay under another name. Default 1 minute. Kafka: `file.delete.delay.ms`. */
  readonly fileDeleteDelayMs?: number
  /** How long an idempotent producer that is silent is remembered. Default 1 day. Kafka: `producer.id.expiration.ms`. */
  readonly producerIdExpirationMs?: number
  /**
   * What becomes of old records: `'delete'`, the default, lets retention delete them; `'compact'` keeps the last record
   * of each key, and takes no record without one; `'compact,delete'` does both. A log that was ever compacted has gaps
   * between offsets: it goes on to need this, or `allowGaps`. Kafka: `cleanup.policy`.
   */
  readonly cleanupPolicy?: CleanupPolicy
  /** Compact when more than this share of the log is dirty. Default 0.5. Kafka: `min.cleanable.dirty.ratio`. */
  readonly minCleanableDirtyRatio?: number
  /** A record stays at least this long before compaction may drop it for a newer one. Default 0. Kafka: `min.compaction.lag.ms`. */
  readonly minCompactionLagMs?: number
  /** A superseded record waits for compaction at most about this long. Default -1, no limit. Kafka: `max.compaction.lag.ms`. */
  readonly maxCompactionLagMs?: number
  /** How long a tombstone stays after the compaction that first met it, for readers to see it. Default 1 day. Kafka: `delete.retention.ms`. */
  readonly deleteRetentionMs?: number
  /** How often it is looked whether to compact. Default 15 seconds. Kafka: `log.cleaner.backoff.ms`. */
  readonly compactionCheckMs?: number
  /** Memory for the keys of one compaction, 32 bytes per key. Default 128 MiB. Kafka: `log.cleaner.dedupe.buffer.size`. */
  readonly dedupeBufferBytes?: number
  /** Accept gaps between offsets, as compaction leaves them. Default false: a gap is damage. */
  readonly allowGaps?: boolean
  /** Bytes of appends that may wait to be written; more are refused. Default 256 MiB. */
  readonly maxQueuedBytes?: number
  /** Room kept on the disk for checkpoints when it is full. Default 256 KiB; 0 for none. */
  readonly reserveBytes?: number
  /** How fast sealed segments are read again in the background, to find damage before a reader does. Default 0, not at all. */
  readonly scrubBytesPerSecond?: number
  /** Files this log may keep open. Default 256. */
  readonly maxOpenFiles?: number
  /** Memory for the indexes of sealed segments that were used lately. Default 64 MiB. */
  readonly indexCacheBytes?: number
  /** Only read: no lock, nothing repaired, nothing created. The log may be written by another process. Default false. */
  readonly readOnly?: boolean
  /** The file system, clock and randomness. Default: the real ones; `memoryEnv()` of `tidemark/testing` keeps all in memory. */
  readonly env?: Env
  /** Gives the opening up. */
  readonly signal?: AbortSignal
  /** Told how far a long recovery has got. */
  readonly onProgress?: (progress: RecoveryProgress) => void
}

/** Where to begin reading: an offset, the first record at or after a time, or either end. */
export type ReadFrom = number | 'earliest' | 'latest' | { readonly timestamp: number | Date }

export interface ReadOptions {
  /** Default `'earliest'`. */
  readonly from?: ReadFrom
  /** Offset before which to stop. Default: the end of the log when reading begins; under `follow`, none. */
  readonly to?: number
  /** At the end, wait for more instead of ending. Default false. */
  readonly follow?: boolean
  /** Bytes fetched from the disk at once. Default 1 MiB. */
  readonly maxBytes?: number
  /** Most bytes that one compressed batch may expand to. Default 128 MiB. */
  readonly maxDecompressedBytes?: number
  /** Ends the reading: the iterator rejects with `signal.reason`. */
  readonly signal?: AbortSignal
}

/** How one append is made. */
export interface AppendOptions {
  /** Compression of this append. Default: the log's. */
  readonly compression?: CompressionName
  /**
   * The producer of an idempotent append: repeated with the same sequence it is not appended again, and answers
   * with the offsets of the first time. `sequence` is that of the first record; each record counts.
   */
  readonly producer?: { readonly id: number; readonly epoch: number; readonly sequence: number }
  /** Append only if the log ends here, for optimistic concurrency. OffsetMismatchError otherwise. */
  readonly expectedOffset?: number
}

/** How an already encoded batch is appended. */
export interface AppendBatchOptions {
  /**
   * What is checked besides the header and the checksum: with `'records'`, the default, every record is parsed, so
   * that no reader meets a malformed one; `'checksum'` trusts whoever encoded the batch.
   */
  readonly check?: 'records' | 'checksum'
  readonly expectedOffset?: number
}

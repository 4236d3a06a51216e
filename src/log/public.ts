/**
 * `tidemark/log`: the storage engine alone, an embedded durable log. Loads no network code.
 *
 * @module
 */
export {
  ClosedError,
  CodecError,
  CodecUnavailableError,
  CorruptionError,
  DiskFullError,
  type ErrorCode,
  FencedEpochError,
  FormatVersionError,
  InvalidRecordError,
  InvalidTimestampError,
  LockedError,
  NotALogError,
  OffsetMismatchError,
  OffsetOutOfRangeError,
  OutputTooLargeError,
  PoisonedError,
  QueueFullError,
  ReadOnlyError,
  RecordTooLargeError,
  SequenceError,
  StorageError,
  TidemarkError,
  TransactionStateError,
} from '../base/errors.ts'
export { Batch } from '../batch/batch.ts'
export type { CompressionName } from '../batch/compression.ts'
export { BatchBuilder, encodeBatch, type EncodeOptions } from '../batch/encode-batch.ts'
export { LogRecord } from '../batch/log-record.ts'
export type { Bytes, HeadersInput, RecordInput } from '../batch/record-input.ts'
export type { Env } from '../env/env.ts'
export type { CleanupPolicy } from './cleanup-policy.ts'
export type { CompactionReport } from './compaction-report.ts'
export { type Log, type LogStats, openLog } from './log.ts'
export type {
  AppendBatchOptions,
  AppendOptions,
  Durability,
  KafkaLogConfigName,
  LogOptions,
  ReadFrom,
  ReadOptions,
} from './log-options.ts'
export type { AppendResult } from './log-writer.ts'
export type { RecoveryProgress } from './recovery.ts'
export type { TimestampOffset } from './timestamp-lookup.ts'
export type { Cut, RecoveryReport } from './recovery-report.ts'
export {
  type OffsetRange,
  type RepairAction,
  repairDirectory,
  type RepairOptions,
  type RepairReport,
  type RepairVerb,
} from './repair-directory.ts'
export {
  type FileProblem,
  type FileVerdict,
  type Verdict,
  verifyDirectory,
  type VerifyOptions,
  type VerifyProgress,
  type VerifyReport,
} from './verify-directory.ts'

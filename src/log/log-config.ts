import {
  booleanKey,
  choiceKey,
  integerKey,
  ratioKey,
  type Resolved,
  resolveConfig,
} from '../base/config-def.ts'
import { withCompaction } from './cleanup-policy.ts'

const kibibyte = 1024
const mebibyte = 1024 * kibibyte
const dayMs = 24 * 60 * 60 * 1000
/** Positions in Kafka's offset index, and relative offsets, are signed 32-bit. */
const int32Max = 2 ** 31 - 1

/**
 * What configures one partition's log, under our names and under Apache Kafka's. Defaults are Kafka's, with
 * two exceptions that suit a log which is the only copy of its data: `durability` is `'sync'`, and nothing is
 * deleted unless `retentionMs` or `retentionBytes` says so.
 */
export const logConfig = {
  durability: choiceKey({ default: 'sync', choices: ['sync', 'interval', 'os'] }),
  syncIntervalMs: integerKey({ kafkaName: 'flush.ms', default: 1000, min: 1 }),
  syncIntervalRecords: integerKey({
    kafkaName: 'flush.messages',
    default: Number.POSITIVE_INFINITY,
    min: 1,
    unlimited: true,
  }),
  segmentBytes: integerKey({
    kafkaName: 'segment.bytes',
    default: 1024 * mebibyte,
    min: kibibyte,
    max: int32Max,
  }),
  segmentMs: integerKey({ kafkaName: 'segment.ms', default: 7 * dayMs, min: 1, unlimited: true }),
  indexIntervalBytes: integerKey({ kafkaName: 'index.interval.bytes', default: 4096, min: 0 }),
  indexBytesMax: integerKey({
    kafkaName: 'segment.index.bytes',
    default: 10 * mebibyte,
    min: 24,
    max: int32Max,
  }),
  compression: choiceKey({
    kafkaName: 'compression.type',
    default: 'none',
    choices: ['none', 'gzip', 'snappy', 'lz4', 'zstd'],
  }),
  maxMessageBytes: integerKey({
    kafkaName: 'max.message.bytes',
    default: mebibyte + 12,
    min: 0,
    max: int32Max,
  }),
  timestampType: choiceKey({
    kafkaName: 'message.timestamp.type',
    default: 'CreateTime',
    choices: ['CreateTime', 'LogAppendTime'],
  }),
  timestampBeforeMaxMs: integerKey({
    kafkaName: 'message.timestamp.before.max.ms',
    default: Number.POSITIVE_INFINITY,
    min: 0,
    unlimited: true,
  }),
  timestampAfterMaxMs: integerKey({
    kafkaName: 'message.timestamp.after.max.ms',
    default: 60 * 60 * 1000,
    min: 0,
    unlimited: true,
  }),
  retentionMs: integerKey({
    kafkaName: 'retention.ms',
    default: Number.POSITIVE_INFINITY,
    min: 0,
    unlimited: true,
  }),
  retentionBytes: integerKey({
    kafkaName: 'retention.bytes',
    default: Number.POSITIVE_INFINITY,
    min: 0,
    unlimited: true,
  }),
  retentionCheckMs: integerKey({
    kafkaName: 'log.retention.check.interval.ms',
    default: 5 * 60 * 1000,
    min: 1,
  }),
  fileDeleteDelayMs: integerKey({ kafkaName: 'file.delete.delay.ms', default: 60 * 1000, min: 0 }),
  producerIdExpirationMs: integerKey({ kafkaName: 'producer.id.expiration.ms', default: dayMs, min: 1 }),
  cleanupPolicy: choiceKey({
    kafkaName: 'cleanup.policy',
    default: 'delete',
    choices: ['delete', 'compact', 'compact,delete', 'delete,compact'],
  }),
  minCleanableDirtyRatio: ratioKey({ kafkaName: 'min.cleanable.dirty.ratio', default: 0.5 }),
  minCompactionLagMs: integerKey({ kafkaName: 'min.compaction.lag.ms', default: 0, min: 0 }),
  maxCompactionLagMs: integerKey({
    kafkaName: 'max.compaction.lag.ms',
    default: Number.POSITIVE_INFINITY,
    min: 1,
    unlimited: true,
  }),
  deleteRetentionMs: integerKey({ kafkaName: 'delete.retention.ms', default: dayMs, min: 0 }),
  compactionCheckMs: integerKey({ kafkaName: 'log.cleaner.backoff.ms', default: 15 * 1000, min: 1 }),
  dedupeBufferBytes: integerKey({
    kafkaName: 'log.cleaner.dedupe.buffer.size',
    default: 128 * mebibyte,
    min: kibibyte,
    max: 2 ** 35,
  }),
  allowGaps: booleanKey({ default: false }),
  maxQueuedBytes: integerKey({ default: 256 * mebibyte, min: mebibyte }),
  reserveBytes: integerKey({ default: 256 * kibibyte, min: 0 }),
  scrubBytesPerSecond: integerKey({ default: 4 * mebibyte, min: 0 }),
} as const

export type LogConfig = Resolved<typeof logConfig>

/** Applies defaults and checks; see {@link resolveConfig} for the errors. */
export function resolveLogConfig(given: Readonly<Record<string, unknown>>): LogConfig {
  return withCompaction(resolveConfig(logConfig, given))
}

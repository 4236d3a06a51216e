import { booleanKey, choiceKey, integerKey, type Resolved, resolveConfig } from '../base/config-def.ts'

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
  allowGaps: booleanKey({ default: false }),
  maxQueuedBytes: integerKey({ default: 256 * mebibyte, min: mebibyte }),
  reserveBytes: integerKey({ default: 256 * kibibyte, min: 0 }),
  scrubBytesPerSecond: integerKey({ default: 4 * mebibyte, min: 0 }),
} as const

export type LogConfig = Resolved<typeof logConfig>

/** Applies defaults and checks; see {@link resolveConfig} for the errors. */
export function resolveLogConfig(given: Readonly<Record<string, unknown>>): LogConfig {
  return resolveConfig(logConfig, given)
}

import { CorruptionError, InvalidRecordError, InvalidTimestampError } from '../base/errors.ts'
import { unlimited } from '../base/config-def.ts'
import { Batch } from '../batch/batch.ts'
import { headerSizeUpToMagic } from '../batch/format.ts'
import type { RecordInput } from '../batch/record-input.ts'
import type { AppendRules } from '../batch/validate.ts'
import { isCompacted } from './cleanup-policy.ts'
import type { LogConfig } from './log-config.ts'
import type { AppendOptions } from './log-options.ts'

/** The timestamps that a log takes, in milliseconds since 1970, both ends included. */
export interface TimestampLimits {
  readonly timestampBeforeMaxMs: number
  readonly timestampAfterMaxMs: number
}

const noTimestampLimits = { timestampBeforeMaxMs: unlimited, timestampAfterMaxMs: unlimited } as const

/** Under LogAppendTime what a record says is replaced, so it does not matter. */
export function timestampLimitsOf(config: LogConfig): TimestampLimits {
  return config.timestampType === 'LogAppendTime' ? noTimestampLimits : config
}

/** What a batch that comes already encoded is held against. */
export function appendRulesOf(
  config: LogConfig,
  nowMs: number,
  allowControl: boolean,
  maxDecompressedBytes: number,
): AppendRules {
  const { timestampBeforeMaxMs, timestampAfterMaxMs } = timestampLimitsOf(config)
  return {
    maxMessageBytes: config.maxMessageBytes,
    compacted: isCompacted(config),
    nowMs,
    timestampBeforeMaxMs,
    timestampAfterMaxMs,
    allowControl,
    maxDecompressedBytes,
  }
}

/** A refused append lists at most this many of its records. */
const recordErrorsMax = 100

/**
 * Refuses records without a key where only the last one of each key is kept.
 *
 * @throws InvalidRecordError
 */
export function checkKeys(records: readonly RecordInput[], config: LogConfig): void {
  if (!isCompacted(config)) return
  const message = 'a compacted log takes no record without a key'
  const errors = records.flatMap(({ key = null }, index) => (key === null ? [{ index, message }] : []))
  const [first] = errors
  if (first === undefined) return
  throw new InvalidRecordError(
    `${errors.length} of the records are refused, the first being record ${first.index}: ${message}`,
    errors.slice(0, recordErrorsMax),
  )
}

/**
 * Holds the timestamps of records that were just encoded as `batch` against the limits.
 *
 * @throws InvalidTimestampError
 */
export function checkTimestamps(
  records: readonly RecordInput[],
  batch: Batch,
  { timestampBeforeMaxMs, timestampAfterMaxMs }: TimestampLimits,
  nowMs: number,
): void {
  const latest = nowMs + timestampAfterMaxMs
  const earliest = nowMs - timestampBeforeMaxMs
  const isEarly = ({ timestamp = nowMs }: RecordInput) => timestamp < earliest
  if (batch.maxTimestamp <= latest && !(earliest > 0 && records.some(isEarly))) return
  throw new InvalidTimestampError(
    `a timestamp lies outside what the log takes, from ${earliest} to ${latest}: see timestampAfterMaxMs and timestampBeforeMaxMs`,
  )
}

/** The largest value of each field, as wide as the format has it. */
const producerMax = { id: Number.MAX_SAFE_INTEGER, epoch: 0x7fff, sequence: 0x7fff_ffff } as const

/**
 * The header fields of an idempotent append; none without a producer.
 *
 * @throws TypeError when one of the three is missing or no integer, RangeError when it does not fit its field
 */
export function producerFields({ producer }: AppendOptions) {
  if (producer === undefined) return {}
  for (const name of ['id', 'epoch', 'sequence'] as const) {
    const value: unknown = producer[name]
    const message = `producer.${name} must be an integer from 0 to ${producerMax[name]}; got ${String(value)}`
    if (typeof value !== 'number') throw new TypeError(message)
    if (!Number.isInteger(value) || value < 0 || value > producerMax[name]) throw new RangeError(message)
  }
  return { producerId: producer.id, producerEpoch: producer.epoch, baseSequence: producer.sequence }
}

/**
 * The batch that `buffer` begins with, of which no more is known than that its first fields are there.
 *
 * @throws TypeError, CorruptionError
 */
export function batchIn(buffer: Uint8Array): Batch {
  if (!(buffer instanceof Uint8Array))
    throw new TypeError('appendBatch takes the bytes of one batch in a Uint8Array')
  const batch = new Batch(Buffer.from(buffer.buffer, buffer.byteOffset, buffer.byteLength))
  if (buffer.length < headerSizeUpToMagic)
    throw new CorruptionError('a batch to be appended', -1, batch.fault() ?? '')
  return batch
}

/**
 * What stands behind the one batch of a buffer would be lost without a word.
 *
 * @throws InvalidRecordError
 */
export function refuseMoreBehind({ buffer, endPosition }: Batch): void {
  const count = buffer.length - endPosition
  if (count === 0) return
  throw new InvalidRecordError(
    `the buffer is refused: ${count} more byte${count === 1 ? '' : 's'} stand behind the batch; append one batch at a time`,
  )
}

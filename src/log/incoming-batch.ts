import type { Batch } from '../batch/batch.ts'
import { defaultMaxDecompressedBytes } from '../batch/compression.ts'
import { patchLogAppendTime, patchMaxTimestamp } from '../batch/patch.ts'
import { validateForAppend, validateHeader } from '../batch/validate.ts'
import { appendRulesOf, batchIn, refuseMoreBehind } from './append-checks.ts'
import type { LogConfig } from './log-config.ts'

/** How far a batch that comes already encoded is checked, and from whom it may be. */
export interface IncomingOptions {
  /** `'records'` looks at every record; `'checksum'` takes the producer's word for them. Default `'records'`. */
  readonly check?: 'records' | 'checksum'
  /** Whether it may be a control batch, which only brokers write. Default true. */
  readonly allowControl?: boolean
  /** Most bytes that compressed records may expand to. Default 128 MiB. */
  readonly maxDecompressedBytes?: number
}

/**
 * The one batch in `buffer`, held against the rules of a log and stamped with what the log sets in it: the largest
 * timestamp if the producer has it wrong, or the time of the append.
 *
 * @throws TypeError, CorruptionError, FormatVersionError, RecordTooLargeError, InvalidRecordError,
 *   InvalidTimestampError, CodecError, CodecUnavailableError, OutputTooLargeError as `validateForAppend` does
 */
export function takeIncomingBatch(
  buffer: Uint8Array,
  config: LogConfig,
  nowMs: number,
  options: IncomingOptions = {},
): Batch {
  const {
    check = 'records',
    allowControl = true,
    maxDecompressedBytes = defaultMaxDecompressedBytes,
  } = options
  const batch = batchIn(buffer)
  const rules = appendRulesOf(config, nowMs, allowControl, maxDecompressedBytes)
  if (check === 'checksum') validateHeader(batch, rules)
  else {
    const { isMaxTimestampWrong, maxTimestamp } = validateForAppend(batch, rules)
    if (isMaxTimestampWrong) patchMaxTimestamp(batch, maxTimestamp)
  }
  refuseMoreBehind(batch)
  if (config.timestampType === 'LogAppendTime') patchLogAppendTime(batch, nowMs)
  return batch
}

import {
  CorruptionError,
  FormatVersionError,
  InvalidRecordError,
  InvalidTimestampError,
  type RecordError,
  RecordTooLargeError,
} from '../base/errors.ts'
import type { Batch } from './batch.ts'
import { currentMagic, noTimestamp } from './format.ts'
import { RecordReader } from './record-reader.ts'

/** What a log accepts. Times in milliseconds; `Infinity` for no limit. */
export interface AppendRules {
  /** Largest batch, header included (`max.message.bytes`). */
  readonly maxMessageBytes: number
  /** Whether every record needs a key (`cleanup.policy` contains `compact`). */
  readonly compacted: boolean
  readonly nowMs: number
  /** How far back a timestamp may lie (`message.timestamp.before.max.ms`). */
  readonly timestampBeforeMaxMs: number
  /** How far ahead a timestamp may lie (`message.timestamp.after.max.ms`). */
  readonly timestampAfterMaxMs: number
  /** Whether the batch may be a control batch: only brokers write them. */
  readonly allowControl: boolean
  /** Most bytes that compressed records may expand to. Default 128 MiB. */
  readonly maxDecompressedBytes?: number
}

/** What the records of an accepted batch say. */
export interface ValidatedBatch {
  /** Largest timestamp of a record, -1 when none has one. What the header states is the producer's word only. */
  readonly maxTimestamp: number
  /** The first record with that timestamp, counted from the batch's first. */
  readonly maxTimestampOffsetDelta: number
  /** Whether the header states another `maxTimestamp`, which is to be corrected before the batch is written. */
  readonly isMaxTimestampWrong: boolean
}

/** A refused batch lists at most this many of its records. */
const recordErrorsMax = 100

/**
 * Holds a batch from a producer against the rules of the log it is to be appended to, down to each record. The
 * offset that the producer gave it is not looked at.
 *
 * @throws RecordTooLargeError beyond `maxMessageBytes`
 * @throws CorruptionError when the batch is not whole or its checksum is wrong
 * @throws FormatVersionError unless its version is the current one
 * @throws InvalidRecordError when the batch or a record breaks a rule of the format or of the log
 * @throws InvalidTimestampError for a timestamp out of range, or one that claims to be the broker's
 * @throws CodecError, CodecUnavailableError, OutputTooLargeError when compressed records cannot be expanded
 */
export function validateForAppend(batch: Batch, rules: AppendRules): ValidatedBatch {
  validateHeader(batch, rules)
  return checkRecords(batch, rules)
}

/**
 * The part of {@link validateForAppend} that needs no look at the records: size, checksum, version, and what the
 * header states. For batches whose records somebody has checked already. Throws as it does.
 */
export function validateHeader(batch: Batch, rules: AppendRules): void {
  if (batch.sizeBytes > rules.maxMessageBytes)
    throw new RecordTooLargeError(batch.sizeBytes, rules.maxMessageBytes)
  const fault = batch.fault()
  if (fault !== undefined) throw new CorruptionError('a batch to be appended', -1, fault)
  checkVersion(batch)
  const broken = brokenRule(batch, rules)
  if (broken !== undefined) throw new InvalidRecordError(`the batch is refused: ${broken}`)
  if (batch.timestampType === 'LogAppendTime') {
    throw new InvalidTimestampError(
      'the batch claims LogAppendTime, which only the broker sets: use CreateTime',
    )
  }
}

function checkVersion(batch: Batch): void {
  if (batch.magic === currentMagic) return
  throw new FormatVersionError(
    `batches of magic ${batch.magic} are read only: encode records as magic ${currentMagic} to append them`,
  )
}

/** The first rule that the header breaks, in words. */
function brokenRule(batch: Batch, rules: AppendRules): string | undefined {
  const { recordsCount, lastOffsetDelta } = batch
  if (recordsCount <= 0) return `it states ${recordsCount} records`
  if (recordsCount !== lastOffsetDelta + 1) {
    return `${recordsCount} records do not fill the offsets up to its last offset delta ${lastOffsetDelta}`
  }
  if (batch.isControl && !rules.allowControl) return 'control batches are written by brokers only'
  if (batch.hasDeleteHorizon) return 'a delete horizon is set by compaction only'
  return brokenProducerRule(batch)
}

function brokenProducerRule(batch: Batch): string | undefined {
  const { producerId, producerEpoch, baseSequence } = batch
  if (!batch.hasProducerId)
    return batch.isTransactional ? 'it is transactional without a producer id' : undefined
  if (producerEpoch < 0) return `producer ${producerId} states the epoch ${producerEpoch}`
  // Markers are no part of a producer's own sequence.
  if (baseSequence < 0 && !batch.isControl)
    return `producer ${producerId} states the sequence ${baseSequence}`
  return undefined
}

function checkRecords(batch: Batch, rules: AppendRules): ValidatedBatch {
  const reader = new RecordReader(batch, rules)
  const { baseTimestamp } = batch
  const needsKey = rules.compacted && !batch.isControl
  let withoutKey: RecordErrorList | undefined
  let outOfTime: RecordErrorList | undefined
  let maxTimestamp = noTimestamp
  let maxTimestampOffsetDelta = 0
  for (let index = 0; reader.advance(); index++) {
    refuseGap(reader.offsetDelta, index)
    const timestamp = baseTimestamp + reader.timestampDelta
    if (needsKey && reader.keySize < 0) {
      withoutKey ??= new RecordErrorList()
      withoutKey.add(index, 'a compacted log takes no record without a key')
    }
    if (!isTimestampAccepted(timestamp, rules)) {
      outOfTime ??= new RecordErrorList()
      outOfTime.add(index, `its timestamp ${timestamp} is out of range`)
    }
    if (timestamp > maxTimestamp) {
      maxTimestamp = timestamp
      maxTimestampOffsetDelta = index
    }
  }
  if (withoutKey) throw new InvalidRecordError(withoutKey.summary, withoutKey.errors)
  if (outOfTime) throw new InvalidTimestampError(outOfTime.summary, outOfTime.errors)
  return { maxTimestamp, maxTimestampOffsetDelta, isMaxTimestampWrong: maxTimestamp !== batch.maxTimestamp }
}

function refuseGap(offsetDelta: number, index: number): void {
  if (offsetDelta === index) return
  throw new InvalidRecordError(
    `record ${index} has the offset delta ${offsetDelta}: offsets must follow each other`,
  )
}

/** -1 stands for no timestamp and is always accepted; no other negative is. */
function isTimestampAccepted(timestamp: number, rules: AppendRules): boolean {
  if (timestamp === noTimestamp) return true
  if (timestamp < 0 || !Number.isSafeInteger(timestamp)) return false
  const { nowMs, timestampBeforeMaxMs, timestampAfterMaxMs } = rules
  return timestamp >= nowMs - timestampBeforeMaxMs && timestamp <= nowMs + timestampAfterMaxMs
}

/** Counts the records at fault and describes the first of them. */
class RecordErrorList {
  readonly errors: RecordError[] = []
  count = 0

  add(index: number, message: string): void {
    this.count++
    if (this.errors.length < recordErrorsMax) this.errors.push({ index, message })
  }

  get summary(): string {
    const first = this.errors[0]
    return `${this.count} of the batch's records are refused, the first being record ${first?.index}: ${first?.message}`
  }
}

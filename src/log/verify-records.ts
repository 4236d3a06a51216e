import {
  CodecError,
  CodecUnavailableError,
  CorruptionError,
  InvalidRecordError,
  OutputTooLargeError,
} from '../base/errors.ts'
import type { Batch } from '../batch/batch.ts'
import { readControlRecord } from '../batch/control-record.ts'
import { currentMagic } from '../batch/format.ts'
import { RecordReader } from '../batch/record-reader.ts'

/** What parsing the records of a batch showed. */
export interface RecordsCheck {
  readonly records: number
  /** Bytes looked at, expanded ones if the batch is compressed. */
  readonly bytes: number
  /** What is wrong with them. */
  readonly fault?: string
  /** Why they could not be looked at, which is not their fault. */
  readonly note?: string
}

/** Parses every record of a batch whose checksum is right, and which is whole in its buffer. */
export function checkRecords(batch: Batch): RecordsCheck {
  try {
    if (batch.magic !== currentMagic) return { records: [...batch.records()].length, bytes: batch.sizeBytes }
    if (batch.isControl) for (const record of batch.records()) readControlRecord(record)
    return checkOffsets(batch)
  } catch (error) {
    const records = batch.magic === currentMagic ? Math.max(batch.recordsCount, 0) : 0
    if (error instanceof CodecUnavailableError || error instanceof OutputTooLargeError)
      return { records, bytes: 0, note: error.message }
    if (isMalformed(error)) return { records: 0, bytes: 0, fault: error.message }
    throw error
  }
}

/** The deltas of the records rise, and none is beyond the last that the header states. */
function checkOffsets(batch: Batch): RecordsCheck {
  const { lastOffsetDelta } = batch
  const reader = new RecordReader(batch, {})
  const bytes = batch.compression === 'none' ? batch.sizeBytes : reader.source.bytes.length
  let last = -1
  let records = 0
  while (reader.advance()) {
    const { offsetDelta } = reader
    if (offsetDelta <= last || offsetDelta > lastOffsetDelta) {
      const fault = `record ${records} has the offset delta ${offsetDelta}, after ${last} and up to ${lastOffsetDelta}`
      return { records, bytes, fault }
    }
    last = offsetDelta
    records++
  }
  return { records, bytes }
}

function isMalformed(error: unknown): error is Error {
  return (
    error instanceof InvalidRecordError || error instanceof CodecError || error instanceof CorruptionError
  )
}

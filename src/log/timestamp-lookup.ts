import type { LogReader } from './log-reader.ts'
import type { LogState } from './log-state.ts'
import type { Segment } from './segment.ts'

/** The first record at or after a time. */
export interface TimestampOffset {
  readonly offset: number
  readonly timestamp: number
}

/**
 * The first record at or after `timestamp` that readers may see: the segment by its largest timestamp, a place in it
 * by the time index, then batch by batch and record by record. Undefined when all are older.
 */
export function lookUpTimestamp(
  state: LogState,
  reader: LogReader,
  timestamp: number,
): TimestampOffset | undefined {
  for (const segment of state.segments) {
    if (segment.nextOffset <= state.startOffset || segment.maxTimestamp < timestamp) continue
    const found = lookUpIn(segment, state, reader, timestamp)
    if (found !== undefined) return found
  }
  return undefined
}

function lookUpIn(
  segment: Segment,
  { startOffset, endOffset }: LogState,
  reader: LogReader,
  timestamp: number,
): TimestampOffset | undefined {
  const endsBefore = Math.min(segment.nextOffset, endOffset)
  let offset = Math.max(segment.indexes().times.lookup(timestamp).offset, segment.baseOffset, startOffset)
  while (offset < endsBefore) {
    const batch = reader.readBatch(offset)
    if (batch === undefined) return undefined
    if (!batch.isControl && batch.maxTimestamp >= timestamp)
      // From the batch's first record on: the index names the last one of the batch.
      for (const record of batch.records())
        if (record.timestamp >= timestamp && record.offset >= startOffset)
          return { offset: record.offset, timestamp: record.timestamp }
    offset = batch.nextOffset
  }
  return undefined
}

import { OffsetOutOfRangeError } from '../base/errors.ts'
import type { ReadFrom, ReadOptions } from './log-options.ts'
import type { TimestampOffset } from './timestamp-lookup.ts'

/** The log as far as it must be known to say where a read begins. */
export interface ReadableLog {
  readonly startOffset: number
  readonly endOffset: number
  offsetForTimestamp(timestamp: number): TimestampOffset | undefined
}

/** The offsets `[from, to)` that are to be read; `to` is Infinity for a read that follows the log. */
export interface ReadRange {
  readonly from: number
  readonly to: number
}

/**
 * @throws TypeError for a `from` or `to` that is none
 * @throws OffsetOutOfRangeError when the log does not hold `from`
 */
export function readRange(log: ReadableLog, { from = 'earliest', to, follow }: ReadOptions): ReadRange {
  if (to !== undefined && to !== Number.POSITIVE_INFINITY) checkOffset('to', to)
  const end = follow === true ? Number.POSITIVE_INFINITY : log.endOffset
  return { from: resolveFrom(log, from), to: Math.min(to ?? end, end) }
}

function resolveFrom(log: ReadableLog, from: ReadFrom): number {
  const { startOffset, endOffset } = log
  if (from === 'earliest') return startOffset
  if (from === 'latest') return endOffset
  if (typeof from === 'object' && from !== null)
    return log.offsetForTimestamp(timestampOf(from))?.offset ?? endOffset
  if (typeof from !== 'number' || !Number.isInteger(from))
    throw new TypeError(`from must be an offset, 'earliest', 'latest' or { timestamp }, got ${String(from)}`)
  if (from < startOffset || from > endOffset) throw new OffsetOutOfRangeError(from, startOffset, endOffset)
  return from
}

function timestampOf({ timestamp }: Exclude<ReadFrom, number | string>): number {
  const timestampMs = timestamp instanceof Date ? timestamp.getTime() : timestamp
  if (typeof timestampMs === 'number' && !Number.isNaN(timestampMs)) return timestampMs
  throw new TypeError(
    `from.timestamp must be milliseconds since 1970 or a valid Date, got ${String(timestamp)}`,
  )
}

/** @throws TypeError unless `offset` is an integer; whether the log holds it is another question */
export function checkOffset(name: string, offset: number): void {
  if (!Number.isSafeInteger(offset)) throw new TypeError(`${name} must be an offset, got ${String(offset)}`)
}

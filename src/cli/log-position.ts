import { InvalidArgumentError } from 'commander'
import type { Log } from '../log/log.ts'
import { parseTime } from './option-values.ts'

/** Where in a log to begin or to end, as the user said it. */
export type LogPosition =
  | 'earliest'
  | 'latest'
  | { readonly offset: number }
  /** So many offsets before the end. */
  | { readonly last: number }
  /** The first record at or after it, in milliseconds since 1970. */
  | { readonly timestamp: number }

/** The grammar, for the help of the commands. */
export const positionGrammar = 'earliest, latest, OFFSET, -N (the last N), @MILLISECONDS or @ISO-TIME'

/** The ends, and what kcat and rpk call them. */
const ends: ReadonlyMap<string, LogPosition> = new Map([
  ['earliest', 'earliest'],
  ['start', 'earliest'],
  ['beginning', 'earliest'],
  ['latest', 'latest'],
  ['end', 'latest'],
])

/** @throws InvalidArgumentError when `text` is none of {@link positionGrammar} */
export function parseLogPosition(text: string): LogPosition {
  const end = ends.get(text)
  if (end !== undefined) return end
  if (/^\d{1,15}$/.test(text)) return { offset: Number(text) }
  if (/^-\d{1,15}$/.test(text)) return { last: Number(text.slice(1)) }
  if (text.startsWith('@')) return { timestamp: parseTime(text.slice(1)) }
  throw new InvalidArgumentError(`It must be ${positionGrammar}.`)
}

/** The offset that `position` means in `log` as it is now. It may lie outside the log when the user named it. */
export function resolvePosition(log: Log, position: LogPosition): number {
  if (position === 'earliest') return log.startOffset
  if (position === 'latest') return log.endOffset
  if ('offset' in position) return position.offset
  if ('last' in position) return Math.max(log.startOffset, log.endOffset - position.last)
  return log.offsetForTimestamp(position.timestamp)?.offset ?? log.endOffset
}

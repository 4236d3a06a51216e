import type { JsonBytes } from '../../batch/log-record.ts'

/** A value of a dump; null is a number that is not set. */
export type DumpValue = string | number | boolean | null | readonly string[]

/**
 * One line of a dump. The names of the fields, their order and, as text, their look are those of Kafka's
 * DumpLogSegments, so that whatever reads its output reads ours.
 */
export interface DumpRow {
  /** What the row is about. `problem` is what could not be read, and makes the command fail. */
  readonly kind: 'log' | 'batch' | 'record' | 'entry' | 'problem'
  readonly fields: Readonly<Record<string, DumpValue>>
  /** Key and value of a record, when they are asked for. */
  readonly payload?: { readonly key: Buffer | null; readonly value: Buffer | null }
}

/** Fields that Kafka prints as Java does an OptionalLong. */
const optionalFields: ReadonlySet<string> = new Set(['deleteHorizonMs', 'currentTxnFirstOffset'])

/** Where the text has not the name of the field. */
const labels: Readonly<Record<string, string>> = { startingOffset: 'Log starting offset' }

/** The row as DumpLogSegments prints it. */
export function rowToText({ kind, fields, payload }: DumpRow): string {
  if (kind === 'problem') return problemToText(fields)
  const parts = Object.entries(fields).map(
    ([name, value]) => `${labels[name] ?? name}: ${valueToText(name, value)}`,
  )
  if (payload !== undefined && payload.key !== null) parts.push(`key: ${payload.key.toString()}`)
  if (payload !== undefined && payload.value !== null) parts.push(`payload: ${payload.value.toString()}`)
  return (kind === 'record' ? '| ' : '') + parts.join(' ')
}

function problemToText({ position, reason }: DumpRow['fields']): string {
  return `Damaged${position === undefined ? '' : ` at byte ${String(position)}`}: ${String(reason)}`
}

function valueToText(name: string, value: DumpValue): string {
  if (optionalFields.has(name))
    return value === null ? 'OptionalLong.empty' : `OptionalLong[${String(value)}]`
  return Array.isArray(value) ? `[${value.join(',')}]` : String(value)
}

/** In text the name of the field says who set the timestamp. */
const timestampTypes: ReadonlySet<string> = new Set(['CreateTime', 'LogAppendTime', 'NoTimestampType'])

/**
 * The row as one JSON object, which says also the file and the kind. Timestamps have one name, with their type beside
 * them; bytes are as in `tidemark log read --json`.
 */
export function rowToJson(
  file: string,
  { kind, fields, payload }: DumpRow,
  bytes: (of: Buffer) => JsonBytes,
): string {
  const named = Object.entries(fields).flatMap(([name, value]) =>
    timestampTypes.has(name)
      ? [['timestampType', name] as const, ['timestamp', value] as const]
      : [[name, value] as const],
  )
  const { key = null, value = null } = payload ?? {}
  const payloadFields =
    payload === undefined ? {} : { key: key && bytes(key), payload: value && bytes(value) }
  return JSON.stringify({ file, kind, ...Object.fromEntries(named), ...payloadFields })
}

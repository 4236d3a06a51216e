import { InvalidArgumentError } from 'commander'
import { parseTopicPartition } from '../../log/file-names.ts'
import type { Header } from '../../batch/log-record.ts'
import { unescape } from '../escapes.ts'

/** A record to be printed: one of a log, or one that was consumed. */
export interface PrintableRecord {
  readonly offset: number
  readonly timestamp: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headerList: readonly Header[]
  toJSON(): unknown
}

/** What of a record is printed, piece by piece. */
export type RecordFormat = (record: PrintableRecord, origin: RecordOrigin) => readonly (Buffer | string)[]

/** Where the records come from, for the verbs `%t` and `%p`. */
export interface RecordOrigin {
  readonly topic: string
  readonly partition: number
}

/** The topic and partition that a directory's name says (`orders-0`); of any other name, partition 0 of that name. */
export function originOf(directoryName: string): RecordOrigin {
  return parseTopicPartition(directoryName) ?? { topic: directoryName, partition: 0 }
}

type Verb = (record: PrintableRecord, origin: RecordOrigin) => Buffer | string

const nullSize = -1
const nothing = Buffer.alloc(0)

/** The verbs of kcat's `-f`. */
const verbs: Readonly<Record<string, Verb>> = {
  o: (record) => String(record.offset),
  k: (record) => record.key ?? nothing,
  K: (record) => String(record.key?.length ?? nullSize),
  s: (record) => record.value ?? nothing,
  S: (record) => String(record.value?.length ?? nullSize),
  T: (record) => String(record.timestamp),
  t: (_, origin) => origin.topic,
  p: (_, origin) => String(origin.partition),
  h: (record) => formatHeaders(record),
  '%': () => '%',
}

/**
 * Reads a format such as `%o %k=%s\n` once, for any number of records.
 *
 * @throws InvalidArgumentError for a verb that is none
 */
export function parseRecordFormat(format: string): RecordFormat {
  const parts = format.split(/(%.?)/s).map((part, index): Verb => {
    if (index % 2 === 1) return verbOf(part)
    const literal = unescape(part)
    return () => literal
  })
  return (record, origin) => parts.map((part) => part(record, origin))
}

function verbOf(part: string): Verb {
  const verb = verbs[part.slice(1)]
  if (verb !== undefined) return verb
  const known = Object.keys(verbs).map((name) => `%${name}`)
  throw new InvalidArgumentError(`'${part}' is no verb; there are ${known.join(' ')}.`)
}

/** `name=value,name=value`, as kcat prints them; a null value as `NULL`. */
function formatHeaders({ headerList }: PrintableRecord): Buffer {
  const pairs = headerList.flatMap(({ key, value }, index) => [
    Buffer.from(`${index === 0 ? '' : ','}${key}=`),
    value ?? Buffer.from('NULL'),
  ])
  return Buffer.concat(pairs)
}

/** One JSON object a line, as `tidemark log append --ndjson` and `tidemark produce --json` take it. */
export const jsonFormat: RecordFormat = (record) => [JSON.stringify(record), '\n']

export interface LineSettings {
  /** Printed between key and value; without it keys are not printed. */
  readonly keyDelimiter: Buffer | undefined
  /** Print `NULL` for null, which otherwise looks like empty. */
  readonly showNull: boolean
}

/** The value and a newline, with the key in front of it if a delimiter is given. */
export function lineFormat({ keyDelimiter, showNull }: LineSettings): RecordFormat {
  const ofNull = showNull ? 'NULL' : nothing
  if (keyDelimiter === undefined) return (record) => [record.value ?? ofNull, '\n']
  return (record) => [record.key ?? ofNull, keyDelimiter, record.value ?? ofNull, '\n']
}

import { isUtf8 } from 'node:buffer'
import { nearestName } from '../../base/nearest-name.ts'
import type { Bytes, HeadersInput, RecordInput } from '../../batch/record-input.ts'
import { InputError } from '../failure.ts'
import { rawMembers } from './json-members.ts'

/** What `tidemark log read --json` and `tidemark consume --json` print may be there; where records go is not said by `topic` and `offset`. */
const knownMembers = ['key', 'value', 'headers', 'timestamp', 'topic', 'partition', 'offset']
const partitionMax = 2 ** 31 - 1

/** The record of a line, and the partition for it if the line says one. */
export type LineRecord = RecordInput & { readonly partition?: number }

type JsonObject = Readonly<Record<string, unknown>>

/**
 * The record that a line of NDJSON describes: `{ key?, value?, headers?, timestamp?, partition? }`. A string is stored as
 * UTF-8, null as null, `{ "base64": "..." }` as the bytes it stands for, and any other value as its JSON text.
 *
 * @throws InputError that says what is wrong with the line
 */
export function parseJsonRecord(line: Buffer): LineRecord {
  if (!isUtf8(line)) throw new InputError('it is not UTF-8')
  const text = line.toString()
  const object = parseObject(text)
  const { headers, timestamp, partition } = object
  return {
    key: bytesOf(object, 'key', text),
    value: bytesOf(object, 'value', text),
    ...(headers === undefined || headers === null ? {} : { headers: headersOf(headers) }),
    // -1 is how a record without a timestamp is printed.
    ...(timestamp === undefined || timestamp === -1 ? {} : { timestamp: timestampOf(timestamp) }),
    ...(partition === undefined ? {} : { partition: partitionOf(partition) }),
  }
}

function parseObject(text: string): JsonObject {
  const parsed = parseJson(text)
  if (!isObject(parsed)) throw new InputError('it is not a JSON object like {"key": "a", "value": "b"}')
  const unknown = Object.keys(parsed).find((name) => !knownMembers.includes(name))
  if (unknown === undefined) return parsed
  const meant = nearestName(unknown, knownMembers)
  throw new InputError(
    `'${unknown}' is none of ${knownMembers.join(', ')}${meant === undefined ? '' : `; did you mean '${meant}'?`}`,
  )
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new InputError(`it is not JSON: ${(error as Error).message}`)
  }
}

function bytesOf(object: JsonObject, name: string, text: string): Bytes | null {
  const value = object[name]
  // The text is only taken apart where it matters.
  return plainBytesOf(value) ?? (value === null || value === undefined ? null : textOf(text, name))
}

function textOf(text: string, name: string): string | null {
  return rawMembers(text).get(name) ?? null
}

/** Undefined for null, and for what stands for itself as JSON. */
function plainBytesOf(value: unknown): Bytes | undefined {
  if (typeof value === 'string') return value
  if (!isObject(value) || Object.keys(value).length !== 1) return undefined
  const { base64 } = value
  return typeof base64 === 'string' ? decodeBase64(base64) : undefined
}

function decodeBase64(text: string): Buffer {
  const bytes = Buffer.from(text, 'base64')
  // Buffer.from passes over what is no base64.
  if (bytes.toString('base64') === text) return bytes
  throw new InputError(`'${text}' is not base64`)
}

function headersOf(headers: unknown): HeadersInput {
  if (!Array.isArray(headers) && !isObject(headers))
    throw new InputError('headers must be an object, or a list of pairs [name, value]')
  const pairs: readonly unknown[] = Array.isArray(headers) ? headers : Object.entries(headers)
  return pairs.map((pair) => {
    if (!Array.isArray(pair) || pair.length !== 2 || typeof pair[0] !== 'string')
      throw new InputError('a header must be a pair [name, value]')
    const value: unknown = pair[1]
    return [pair[0], plainBytesOf(value) ?? (value === null ? null : JSON.stringify(value))] as const
  })
}

function timestampOf(timestamp: unknown): number {
  if (typeof timestamp === 'number' && Number.isSafeInteger(timestamp) && timestamp >= 0) return timestamp
  throw new InputError(`timestamp must be whole milliseconds since 1970, got ${JSON.stringify(timestamp)}`)
}

function partitionOf(partition: unknown): number {
  if (Number.isInteger(partition) && Number(partition) >= 0 && Number(partition) <= partitionMax)
    return Number(partition)
  throw new InputError(`partition must be a number of a partition, got ${JSON.stringify(partition)}`)
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

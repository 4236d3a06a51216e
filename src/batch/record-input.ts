/** What keys, values and header values are given as. Strings are written as UTF-8. */
export type Bytes = Uint8Array | string

/** Headers by name, or as pairs where an order or repeated names matter. */
export type HeadersInput = Readonly<Record<string, Bytes | null>> | readonly HeaderInput[]
export type HeaderInput = readonly [name: string, value: Bytes | null]

/** A record to be appended. */
export interface RecordInput {
  /** What compaction keeps one record per. Null, the default, means none. */
  readonly key?: Bytes | null
  /** Null, the default, is a tombstone: in a compacted log it deletes its key. */
  readonly value?: Bytes | null
  readonly headers?: HeadersInput | undefined
  /** Milliseconds since 1970, an integer. Default: the time of the append. */
  readonly timestamp?: number
}

/** Size of what is null: Kafka's own mark. */
export const nullSize = -1

const noHeaders: readonly HeaderInput[] = Object.freeze([])

/**
 * Bytes that `value` takes in a record, {@link nullSize} for null and undefined.
 *
 * @param index the record's place in its append, and `field` what is measured, for the error
 * @throws TypeError unless it is a string, Uint8Array or null
 */
export function measureBytes(value: Bytes | null | undefined, index: number, field: string): number {
  if (typeof value === 'string') return utf8Size(value)
  if (value instanceof Uint8Array) return value.length
  if (value === null || value === undefined) return nullSize
  throw new TypeError(
    `records[${index}].${field} must be a string, Uint8Array or null, got ${typeName(value)}`,
  )
}

/**
 * The headers of a record as pairs.
 *
 * @throws TypeError unless they are an object or pairs with string names
 */
export function headerPairs(headers: HeadersInput | undefined, index: number): readonly HeaderInput[] {
  if (headers === undefined) return noHeaders
  if (Array.isArray(headers)) {
    for (const [at, pair] of headers.entries()) checkPair(pair, index, at)
    return headers as readonly HeaderInput[]
  }
  if (typeof headers === 'object' && headers !== null) return Object.entries(headers)
  throw new TypeError(`records[${index}].headers must be an object or pairs, got ${typeName(headers)}`)
}

/**
 * The timestamp of a record that states one.
 *
 * @throws TypeError unless it is an integer of at least 0
 */
export function checkTimestamp(timestamp: number, index: number): number {
  if (Number.isSafeInteger(timestamp) && timestamp >= 0) return timestamp
  throw new TypeError(
    `records[${index}].timestamp must be whole milliseconds since 1970, got ${
      typeof timestamp === 'number' ? timestamp : typeName(timestamp)
    }`,
  )
}

/**
 * Refuses what is no record at all.
 *
 * @throws TypeError unless `record` is an object
 */
export function checkRecord(record: RecordInput, index: number): void {
  if (typeof record === 'object' && record !== null) return
  throw new TypeError(`records[${index}] must be an object like { key, value }, got ${typeName(record)}`)
}

/** Up to this length going through a string character by character costs less than a call into the runtime. */
export const shortTextLength = 28

/** Bytes of `text` as UTF-8. */
export function utf8Size(text: string): number {
  if (text.length > shortTextLength) return Buffer.byteLength(text)
  for (let index = 0; index < text.length; index++) {
    if (text.charCodeAt(index) > 0x7f) return Buffer.byteLength(text)
  }
  return text.length
}

function checkPair(pair: unknown, index: number, at: number): void {
  const field = `records[${index}].headers[${at}]`
  if (!Array.isArray(pair) || pair.length !== 2) throw new TypeError(`${field} must be a pair [name, value]`)
  if (typeof pair[0] !== 'string')
    throw new TypeError(`${field}[0] must be a string, got ${typeName(pair[0])}`)
}

function typeName(value: unknown): string {
  if (value === null) return 'null'
  if (typeof value !== 'object') return typeof value
  return value.constructor?.name ?? 'object'
}

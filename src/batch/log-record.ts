import { isUtf8 } from 'node:buffer'
import { VarintReader } from '../base/varint.ts'
import { incrementSequence, noSequence, type TimestampType } from './format.ts'

/** A header of a record. Keys may repeat, and their order is kept. */
export interface Header {
  readonly key: string
  readonly value: Buffer | null
}

/** What the records of one batch have in common. */
export interface RecordSource {
  /** Holds the records: the batch's own buffer, or the expanded block. */
  readonly bytes: Buffer
  readonly baseOffset: number
  readonly baseTimestamp: number
  readonly timestampType: TimestampType
  /** The timestamp of every record under LogAppendTime. */
  readonly logAppendTimeMs: number
  readonly baseSequence: number
}

/** Where a record and its parts lie in {@link RecordSource.bytes}. Sizes are in bytes and -1 for null. */
export interface RecordLayout {
  readonly offsetDelta: number
  readonly timestampDelta: number
  /** Where the record begins, its length included. */
  readonly recordPosition: number
  /** Where its encoded fields begin, from the key's length to the last header; -1 for a legacy message. */
  readonly fieldsPosition: number
  readonly keyPosition: number
  readonly keySize: number
  readonly valuePosition: number
  readonly valueSize: number
  /** Where the record ends (exclusive). */
  readonly recordEnd: number
}

/** Bytes in JSON: text where they are UTF-8, else base64. */
export type JsonBytes = string | { readonly base64: string } | null

/** A record for people and logs to read. */
export interface LogRecordJson {
  readonly offset: number
  readonly timestamp: number
  readonly key: JsonBytes
  readonly value: JsonBytes
  /** Pairs, because names may repeat. */
  readonly headers: readonly (readonly [string, JsonBytes])[]
}

const noHeaders: readonly Header[] = Object.freeze([])

/**
 * One record of a log. It remembers where its parts lie and makes Buffers as they are asked for. They are slices of
 * the batch it was read from, which lives as long as they do: copy what is to be kept for long.
 *
 * A record can be appended again as it is: it has the shape of a `RecordInput`.
 */
export class LogRecord {
  readonly #source: RecordSource
  readonly #offsetDelta: number
  readonly #timestampDelta: number
  readonly #recordPosition: number
  readonly #fieldsPosition: number
  readonly #keyPosition: number
  readonly #keySize: number
  readonly #valuePosition: number
  readonly #valueSize: number
  readonly #recordEnd: number
  // Undefined until asked for.
  #key: Buffer | null | undefined
  #value: Buffer | null | undefined

  constructor(source: RecordSource, layout: RecordLayout) {
    this.#source = source
    this.#offsetDelta = layout.offsetDelta
    this.#timestampDelta = layout.timestampDelta
    this.#recordPosition = layout.recordPosition
    this.#fieldsPosition = layout.fieldsPosition
    this.#keyPosition = layout.keyPosition
    this.#keySize = layout.keySize
    this.#valuePosition = layout.valuePosition
    this.#valueSize = layout.valueSize
    this.#recordEnd = layout.recordEnd
    this.#key = undefined
    this.#value = undefined
  }

  get offset(): number {
    return this.#source.baseOffset + this.#offsetDelta
  }

  /** Milliseconds since 1970, or -1 when the record has none (legacy messages of magic 0). */
  get timestamp(): number {
    const source = this.#source
    return source.timestampType === 'CreateTime'
      ? source.baseTimestamp + this.#timestampDelta
      : source.logAppendTimeMs
  }

  get timestampType(): TimestampType {
    return this.#source.timestampType
  }

  /** Sequence number of an idempotent producer, -1 without one. */
  get sequence(): number {
    const base = this.#source.baseSequence
    return base === noSequence ? noSequence : incrementSequence(base, this.#offsetDelta)
  }

  get key(): Buffer | null {
    if (this.#key === undefined) this.#key = slice(this.#source.bytes, this.#keyPosition, this.#keySize)
    return this.#key
  }

  get value(): Buffer | null {
    if (this.#value === undefined)
      this.#value = slice(this.#source.bytes, this.#valuePosition, this.#valueSize)
    return this.#value
  }

  /** Bytes of the key, -1 for null. Makes no Buffer. */
  get keySizeBytes(): number {
    return this.#keySize
  }

  /** Bytes of the value, -1 for null (a tombstone). Makes no Buffer. */
  get valueSizeBytes(): number {
    return this.#valueSize
  }

  /** Bytes the record takes in its batch, before compression, with its own length. */
  get sizeBytes(): number {
    return this.#recordEnd - this.#recordPosition
  }

  /** The headers by name, of equal names the last. An object without a prototype. */
  get headers(): Readonly<Record<string, Buffer | null>> {
    const headers: Record<string, Buffer | null> = Object.create(null)
    for (const { key, value } of this.headerList) headers[key] = value
    return headers
  }

  /** The headers in the order they were written, equal names included. */
  get headerList(): readonly Header[] {
    if (this.#fieldsPosition < 0) return noHeaders
    const reader = new VarintReader(this.#source.bytes, this.#valueEnd, this.#recordEnd, refuseChanged)
    const count = reader.readVarint()
    if (count === 0) return noHeaders
    return Array.from({ length: count }, () => readHeader(this.#source.bytes, reader))
  }

  /**
   * The encoded key, value and headers as they lie in the batch, so that a record can be copied without decoding it.
   * Undefined for a legacy message, which encodes them in another way.
   */
  get encodedFields(): Buffer | undefined {
    if (this.#fieldsPosition < 0) return undefined
    return this.#source.bytes.subarray(this.#fieldsPosition, this.#recordEnd)
  }

  /** The same record on a copy of its own bytes: for one that outlives the buffer it was read from. */
  detach(): LogRecord {
    const start = this.#recordPosition
    const bytes = Buffer.from(this.#source.bytes.subarray(start, this.#recordEnd))
    return new LogRecord(
      { ...this.#source, bytes },
      {
        offsetDelta: this.#offsetDelta,
        timestampDelta: this.#timestampDelta,
        recordPosition: 0,
        fieldsPosition: this.#fieldsPosition < 0 ? -1 : this.#fieldsPosition - start,
        keyPosition: this.#keyPosition - start,
        keySize: this.#keySize,
        valuePosition: this.#valuePosition - start,
        valueSize: this.#valueSize,
        recordEnd: this.#recordEnd - start,
      },
    )
  }

  toJSON(): LogRecordJson {
    return {
      offset: this.offset,
      timestamp: this.timestamp,
      key: toJsonBytes(this.key),
      value: toJsonBytes(this.value),
      headers: this.headerList.map(({ key, value }) => [key, toJsonBytes(value)] as const),
    }
  }

  /** What `console.log` shows: the fields behind the getters. */
  [Symbol.for('nodejs.util.inspect.custom')](): LogRecordJson {
    return this.toJSON()
  }

  get #valueEnd(): number {
    return this.#valuePosition + Math.max(this.#valueSize, 0)
  }
}

function readHeader(bytes: Buffer, reader: VarintReader): Header {
  const keySize = reader.readVarint()
  const key = bytes.toString('utf8', reader.position, reader.position + keySize)
  reader.position += keySize
  const valueSize = reader.readVarint()
  const value = slice(bytes, reader.position, valueSize)
  reader.position += Math.max(valueSize, 0)
  return { key, value }
}

function slice(bytes: Buffer, position: number, size: number): Buffer | null {
  return size < 0 ? null : bytes.subarray(position, position + size)
}

/** Bytes as {@link LogRecordJson} has them. */
export function toJsonBytes(bytes: Buffer | null): JsonBytes {
  if (bytes === null) return null
  return isUtf8(bytes) ? bytes.toString() : { base64: bytes.toString('base64') }
}

/** The headers were walked through when the record was read, so only a change of the buffer brings us here. */
function refuseChanged(reason: string): never {
  throw new TypeError(`the buffer of this record was changed while the record was in use: ${reason}`)
}

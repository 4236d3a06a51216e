import { assert } from '../base/assert.ts'
import { sizeOfVarint, sizeOfVarlong, writeVarint, writeVarlong } from '../base/varint.ts'
import { noTimestamp, recordBatchOverhead } from './format.ts'
import type { LogRecord } from './log-record.ts'
import {
  type Bytes,
  checkRecord,
  checkTimestamp,
  type HeaderInput,
  headerPairs,
  measureBytes,
  nullSize,
  shortTextLength,
  type RecordInput,
  utf8Size,
} from './record-input.ts'
import { growScratch, returnScratch, takeScratch } from './scratch.ts'

/**
 * Writes records one after the other into a scratch buffer that grows, and keeps what a batch header has to say of
 * them. A record either goes in whole or leaves no trace.
 */
export class RecordWriter {
  #scratch: Buffer = takeScratch()
  #endPosition = 0
  #count = 0
  #baseTimestamp: number | undefined
  #maxTimestamp = noTimestamp

  /** @param baseTimestamp what timestamp deltas count from; by default the first record's timestamp */
  constructor(baseTimestamp?: number) {
    this.#baseTimestamp = baseTimestamp
  }

  get count(): number {
    return this.#count
  }

  /** Bytes that a batch of these records takes before compression, its header included. */
  get sizeBytes(): number {
    return recordBatchOverhead + this.#endPosition
  }

  get baseTimestamp(): number {
    return this.#baseTimestamp ?? noTimestamp
  }

  /** Largest timestamp so far, -1 before the first. */
  get maxTimestamp(): number {
    return this.#maxTimestamp
  }

  /** The encoded records: a view that is good until the next append or {@link release}. */
  get records(): Buffer {
    return this.#scratch.subarray(0, this.#endPosition)
  }

  /**
   * Adds a record at the next offset, unless a batch with it would take more than `maxBytes`.
   *
   * @param now timestamp for a record without one
   * @throws TypeError naming the field of `record` that is not what it should be
   */
  append(record: RecordInput, now: number, maxBytes: number): boolean {
    const index = this.#count
    checkRecord(record, index)
    const { key, value } = record
    const timestamp = record.timestamp === undefined ? now : checkTimestamp(record.timestamp, index)
    const headers = headerPairs(record.headers, index)
    const keySize = measureBytes(key, index, 'key')
    const valueSize = measureBytes(value, index, 'value')
    const fieldsSize = sizeOfField(keySize) + sizeOfField(valueSize) + sizeOfHeaders(headers, index)
    const start = this.#begin(index, timestamp, fieldsSize, maxBytes)
    if (start < 0) return false
    const keyEnd = writeField(this.#scratch, key, keySize, start)
    const valueEnd = writeField(this.#scratch, value, valueSize, keyEnd)
    this.#commit(writeHeaders(this.#scratch, headers, valueEnd), timestamp)
    return true
  }

  /** Adds a record of another batch, with an offset that may leave a gap after the last one. */
  copy(record: LogRecord, offsetDelta: number): void {
    const { timestamp } = record
    // Copying the encoded fields keeps them to the byte; a legacy message has its own encoding, and no headers.
    const fields = record.encodedFields ?? encodeFields(record.key, record.value)
    const start = this.#begin(offsetDelta, timestamp, fields.length, Number.POSITIVE_INFINITY)
    this.#commit(writeBytes(this.#scratch, fields, fields.length, start), timestamp)
  }

  /** Ends the use of this writer and of {@link records}, so that another can have the memory. */
  release(): void {
    returnScratch(this.#scratch)
    this.#scratch = released
  }

  /** Makes room and writes what precedes the fields. Returns where they go, or -1 when the limit is passed. */
  #begin(offsetDelta: number, timestamp: number, fieldsSize: number, maxBytes: number): number {
    assert(this.#scratch !== released, 'nothing is written after release')
    const timestampDelta = timestamp - (this.#baseTimestamp ?? timestamp)
    const length = 1 + sizeOfVarlong(timestampDelta) + sizeOfVarint(offsetDelta) + fieldsSize
    const end = this.#endPosition + sizeOfVarint(length) + length
    if (recordBatchOverhead + end > maxBytes) return -1
    if (end > this.#scratch.length) this.#scratch = growScratch(this.#scratch, this.#endPosition, end)
    let position = writeVarint(this.#scratch, length, this.#endPosition)
    this.#scratch[position++] = 0 // attributes: unused
    position = writeVarlong(this.#scratch, timestampDelta, position)
    return writeVarint(this.#scratch, offsetDelta, position)
  }

  #commit(endPosition: number, timestamp: number): void {
    this.#endPosition = endPosition
    this.#count++
    this.#baseTimestamp ??= timestamp
    if (timestamp > this.#maxTimestamp) this.#maxTimestamp = timestamp
  }
}

const released = Buffer.alloc(0)

function sizeOfField(size: number): number {
  return size < 0 ? 1 : sizeOfVarint(size) + size
}

function sizeOfHeaders(headers: readonly HeaderInput[], index: number): number {
  if (headers.length === 0) return 1
  let total = sizeOfVarint(headers.length)
  for (const [name, value] of headers) {
    total +=
      sizeOfField(utf8Size(name)) +
      sizeOfField(measureBytes(value, index, `headers[${JSON.stringify(name)}]`))
  }
  return total
}

function encodeFields(key: Buffer | null, value: Buffer | null): Buffer {
  const keySize = key?.length ?? nullSize
  const valueSize = value?.length ?? nullSize
  const fields = Buffer.allocUnsafe(sizeOfField(keySize) + sizeOfField(valueSize) + 1)
  writeHeaders(fields, [], writeField(fields, value, valueSize, writeField(fields, key, keySize, 0)))
  return fields
}

function writeHeaders(target: Buffer, headers: readonly HeaderInput[], position: number): number {
  let end = writeVarint(target, headers.length, position)
  // Not even an iterator for the many records that have none.
  if (headers.length === 0) return end
  for (const [name, value] of headers) {
    end = writeField(target, name, utf8Size(name), end)
    end = writeField(target, value, measureBytes(value, 0, 'headers'), end)
  }
  return end
}

/** Writes a size and then the bytes. `size` is -1 for null. */
function writeField(target: Buffer, value: Bytes | null | undefined, size: number, position: number): number {
  const end = writeVarint(target, size, position)
  return value === null || value === undefined ? end : writeBytes(target, value, size, end)
}

function writeBytes(target: Buffer, value: Bytes, size: number, position: number): number {
  if (typeof value === 'string') writeText(target, value, size, position)
  else target.set(value, position)
  return position + size
}

/** As many bytes as characters means that all are ASCII, which needs no encoding. */
function writeText(target: Buffer, text: string, size: number, position: number): void {
  if (size !== text.length) target.write(text, position, size, 'utf8')
  else if (size > shortTextLength) target.write(text, position, size, 'latin1')
  else for (let index = 0; index < size; index++) target[position + index] = text.charCodeAt(index)
}

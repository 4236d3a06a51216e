import { VarintReader } from '../base/varint.ts'
import type { Batch } from './batch.ts'
import { decompress, defaultMaxDecompressedBytes } from './compression.ts'
import { baseOffsetPosition, currentMagic, recordBatchOverhead } from './format.ts'
import { LogRecord, type RecordLayout, type RecordSource } from './log-record.ts'
import { type BatchOrigin, refuseMalformed } from './malformed.ts'

export interface RecordsOptions extends BatchOrigin {
  /** Most bytes that compressed records may expand to. Default 128 MiB. */
  readonly maxDecompressedBytes?: number
}

/**
 * Reads the records of a batch (magic 2) front to back. As a {@link RecordLayout} it says where the parts of the record
 * lie that {@link RecordReader.advance} has moved to; as an iterator it makes {@link LogRecord}s of them.
 *
 * Nothing in the batch is trusted: every size is held against the bytes that are left before it is used, every
 * record must fill its stated length exactly, and nothing may follow the last one.
 */
export class RecordReader implements RecordLayout, IterableIterator<LogRecord> {
  readonly source: RecordSource
  readonly #reader: VarintReader
  readonly #fail: (reason: string) => never
  readonly #recordsCount: number
  #readCount = 0

  offsetDelta = 0
  timestampDelta = 0
  recordPosition = 0
  fieldsPosition = 0
  keyPosition = 0
  keySize = 0
  valuePosition = 0
  valueSize = 0
  recordEnd = 0

  constructor(batch: Batch, options: RecordsOptions) {
    this.#fail = (reason) =>
      refuseMalformed(options, batch.buffer.readBigInt64BE(batch.start + baseOffsetPosition), reason)
    this.#refuseUnreadable(batch)
    const start = batch.start + recordBatchOverhead
    const { compression } = batch
    const plain = compression === 'none'
    const bytes = plain ? batch.buffer : expand(batch, options.maxDecompressedBytes)
    this.source = describe(batch, bytes)
    const end = plain ? batch.endPosition : bytes.length
    this.#reader = new VarintReader(bytes, plain ? start : 0, end, (reason) => this.#failRecord(reason))
    this.#recordsCount = batch.recordsCount
    if (this.#recordsCount < 0) this.#fail(`it states ${this.#recordsCount} records`)
  }

  /** Moves to the next record. False when there is none, and then the batch was exactly full. */
  advance(): boolean {
    if (this.#readCount === this.#recordsCount) return this.#finish()
    const reader = this.#reader
    this.recordPosition = reader.position
    const length = reader.readVarint()
    this.recordEnd = this.#endOf(length)
    reader.position++ // attributes: unused
    this.timestampDelta = reader.readVarlong()
    if (!Number.isSafeInteger(this.source.baseTimestamp + this.timestampDelta)) {
      this.#failRecord('its timestamp is beyond 2^53')
    }
    this.offsetDelta = reader.readVarint()
    if (this.offsetDelta < 0) this.#failRecord(`its offset delta is ${this.offsetDelta}`)
    this.#readFields()
    if (reader.position !== this.recordEnd) this.#failRecord('its parts do not fill its length')
    this.#readCount++
    return true
  }

  next(): IteratorResult<LogRecord, undefined> {
    return this.advance()
      ? { value: new LogRecord(this.source, this), done: false }
      : { value: undefined, done: true }
  }

  [Symbol.iterator](): this {
    return this
  }

  /** The first record, from the current one on, with an offset of at least `offset`. */
  find(offset: number): LogRecord | undefined {
    this.#passUpTo(offset - this.source.baseOffset)
    return this.advance() ? new LogRecord(this.source, this) : undefined
  }

  /** Passes over the records before `offsetDelta` by their lengths, without looking at their fields. */
  #passUpTo(offsetDelta: number): void {
    const reader = this.#reader
    for (; this.#readCount < this.#recordsCount; this.#readCount++) {
      const { position } = reader
      const end = this.#endOf(reader.readVarint())
      reader.position++ // attributes: unused
      reader.readVarlong() // timestamp delta
      if (reader.readVarint() >= offsetDelta) {
        reader.position = position
        return
      }
      if (reader.position > end) this.#failRecord('its parts do not fill its length')
      reader.position = end
    }
  }

  #readFields(): void {
    const reader = this.#reader
    this.fieldsPosition = reader.position
    this.keySize = reader.readVarint()
    this.keyPosition = reader.position
    this.#pass(this.keySize, 'key')
    this.valueSize = reader.readVarint()
    this.valuePosition = reader.position
    this.#pass(this.valueSize, 'value')
    const headersCount = reader.readVarint()
    if (headersCount !== 0) this.#passHeaders(headersCount)
  }

  #passHeaders(count: number): void {
    if (count < 0) this.#failRecord(`it states ${count} headers`)
    for (let index = 0; index < count; index++) {
      const keySize = this.#reader.readVarint()
      if (keySize < 0) this.#failRecord('the name of a header is null')
      this.#pass(keySize, 'header name')
      this.#pass(this.#reader.readVarint(), 'header value')
    }
  }

  /** Moves past `size` bytes of `part`; -1 stands for null. */
  #pass(size: number, part: string): void {
    if (size < -1) this.#failRecord(`the size of its ${part} is ${size}`)
    if (size > this.recordEnd - this.#reader.position) this.#failRecord(`its ${part} reaches beyond its end`)
    if (size > 0) this.#reader.position += size
  }

  #endOf(length: number): number {
    const { position, end } = this.#reader
    if (length < 0 || length > end - position) {
      this.#failRecord(`its length is ${length} where ${end - position} bytes are left`)
    }
    return position + length
  }

  #finish(): false {
    const left = this.#reader.end - this.#reader.position
    if (left !== 0) this.#fail(`${left} bytes follow the last of ${this.#recordsCount} records`)
    return false
  }

  #failRecord(reason: string): never {
    return this.#fail(`record ${this.#readCount} of ${this.#recordsCount}: ${reason}`)
  }

  #refuseUnreadable(batch: Batch): void {
    if (batch.magic !== currentMagic) this.#fail(`magic ${batch.magic} is not known`)
    if (batch.sizeBytes < recordBatchOverhead || batch.endPosition > batch.buffer.length) {
      this.#fail(`its size of ${batch.sizeBytes} bytes is not what is there`)
    }
  }
}

function expand(batch: Batch, maxBytes = defaultMaxDecompressedBytes): Buffer {
  const block = batch.buffer.subarray(batch.start + recordBatchOverhead, batch.endPosition)
  // Compaction may leave a header that still names a codec, with nothing after it.
  return block.length === 0 ? block : decompress(batch.compression, block, maxBytes)
}

function describe(batch: Batch, bytes: Buffer): RecordSource {
  return {
    bytes,
    baseOffset: batch.baseOffset,
    baseTimestamp: batch.baseTimestamp,
    timestampType: batch.timestampType,
    logAppendTimeMs: batch.maxTimestamp,
    baseSequence: batch.baseSequence,
  }
}

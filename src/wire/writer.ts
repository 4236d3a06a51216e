import { sizeOfUnsignedVarint, writeUnsignedVarint } from '../base/varint.ts'
import { uuidBytes, uuidTextLength, zeroUuid } from './uuid.ts'
import { WireFault } from './wire-fault.ts'

const initialBytes = 16 * 1024
/** A buffer that one huge message has blown up further is not kept. */
const keptBytesMax = 1024 * 1024
/** Bytes fields from here on up are not copied, but become chunks of their own. */
const ownChunkBytes = 1024
const wordRange = 0x1_0000_0000

/** Bytes of the caller's that stand in the message after the first `position` bytes of the writer's own. */
interface Insert {
  readonly position: number
  readonly bytes: Buffer
}

/**
 * Writes Kafka's primitive types, big-endian, into a buffer that grows and is kept between messages. Large bytes fields
 * are only noted, and copied at most once, by {@link Writer.toBuffer}.
 */
export class Writer {
  #buffer: Buffer
  /** The same bytes: numbers go in faster by a view than by `Buffer`, which checks them once more. */
  #view: DataView
  #position = 0
  #inserts: Insert[] = []
  #insertedBytes = 0
  /** Above 0 within a tagged field: its size is put in front of it afterwards, so all of it must be in the buffer. */
  #inlineDepth = 0

  /** @param roomBytes what is expected to be written; more is possible */
  constructor(roomBytes = initialBytes) {
    this.#buffer = Buffer.allocUnsafeSlow(roomBytes)
    this.#view = viewOf(this.#buffer)
  }

  writeBool(value: boolean): void {
    if (typeof value !== 'boolean') refuse('a boolean', value)
    const position = this.#room(1)
    this.#buffer[position] = value ? 1 : 0
  }

  writeInt8(value: number): void {
    if ((value << 24) >> 24 !== value) refuse('an int8', value)
    const position = this.#room(1)
    this.#view.setInt8(position, value)
  }

  writeInt16(value: number): void {
    if ((value << 16) >> 16 !== value) refuse('an int16', value)
    const position = this.#room(2)
    this.#view.setInt16(position, value)
  }

  writeUint16(value: number): void {
    if ((value & 0xffff) !== value) refuse('a uint16', value)
    const position = this.#room(2)
    this.#view.setUint16(position, value)
  }

  writeInt32(value: number): void {
    if ((value | 0) !== value) refuse('an int32', value)
    const position = this.#room(4)
    this.#view.setInt32(position, value)
  }

  writeInt64(value: number): void {
    if (!Number.isSafeInteger(value)) refuse('an integer within 2^53', value)
    const position = this.#room(8)
    this.#view.setInt32(position, Math.floor(value / wordRange))
    // The shift takes the value modulo 2^32, which is the lower word of the two's complement for negatives too.
    this.#view.setUint32(position + 4, value >>> 0)
  }

  writeFloat64(value: number): void {
    if (typeof value !== 'number') refuse('a number', value)
    const position = this.#room(8)
    this.#view.setFloat64(position, value)
  }

  writeUuid(value: string): void {
    const position = this.#room(uuidBytes)
    if (value === zeroUuid) this.#buffer.fill(0, position, position + uuidBytes)
    else if (typeof value !== 'string' || value.length !== uuidTextLength || !this.#putUuid(value, position))
      refuse('a UUID in 22 characters of base64url', value)
  }

  /** An unsigned varint: lengths and counts of flexible versions (KIP-482). */
  writeSize(value: number): void {
    const position = this.#room(sizeOfUnsignedVarint(value))
    writeUnsignedVarint(this.#buffer, value, position)
  }

  /** Text that takes `size` bytes of UTF-8, without its size. */
  writeText(value: string, size: number): void {
    const position = this.#room(size)
    this.#buffer.write(value, position, size, 'utf8')
  }

  /** Bytes as they are. From 1 KiB on they are not copied: they must not change until the message is sent. */
  writeSlice(bytes: Buffer): void {
    if (bytes.length >= ownChunkBytes && this.#inlineDepth === 0) {
      this.#inserts.push({ position: this.#position, bytes })
      this.#insertedBytes += bytes.length
    } else {
      const position = this.#room(bytes.length)
      bytes.copy(this.#buffer, position)
    }
  }

  /** What `write` writes, behind its size as an unsigned varint: a tagged field (KIP-482). */
  writeSized(write: () => void): void {
    const start = this.#position
    this.#inlineDepth++
    write()
    this.#inlineDepth--
    const size = this.#position - start
    const prefixBytes = sizeOfUnsignedVarint(size)
    this.#room(prefixBytes)
    this.#buffer.copyWithin(start + prefixBytes, start, start + size)
    writeUnsignedVarint(this.#buffer, size, start)
  }

  /** The message in one piece. */
  toBuffer(): Buffer {
    const message = Buffer.allocUnsafe(this.#position + this.#insertedBytes)
    let from = 0
    let to = 0
    for (const { position, bytes } of this.#inserts) {
      to += this.#buffer.copy(message, to, from, position)
      to += bytes.copy(message, to)
      from = position
    }
    this.#buffer.copy(message, to, from, this.#position)
    return message
  }

  /** The message in pieces, large bytes fields not copied. */
  toChunks(): Buffer[] {
    const own = Buffer.allocUnsafe(this.#position)
    this.#buffer.copy(own, 0, 0, this.#position)
    const chunks: Buffer[] = []
    let from = 0
    for (const { position, bytes } of this.#inserts) {
      if (position > from) chunks.push(own.subarray(from, position))
      chunks.push(bytes)
      from = position
    }
    if (this.#position > from || chunks.length === 0) chunks.push(own.subarray(from))
    return chunks
  }

  /** Makes ready for the next message, whatever became of this one. */
  clear(): void {
    this.#position = 0
    this.#inlineDepth = 0
    if (this.#inserts.length > 0) this.#inserts = []
    this.#insertedBytes = 0
    if (this.#buffer.length > keptBytesMax) this.#use(Buffer.allocUnsafeSlow(initialBytes))
  }

  /** Whether all of `text` was base64: what is not is passed over, and leaves bytes missing. */
  #putUuid(text: string, position: number): boolean {
    return this.#buffer.write(text, position, uuidBytes, 'base64url') === uuidBytes
  }

  /**
   * Makes room for `size` bytes and returns where. The buffer may be another one afterwards: look at it only then.
   */
  #room(size: number): number {
    const position = this.#position
    const next = position + size
    if (next > this.#buffer.length) this.#grow(next)
    this.#position = next
    return position
  }

  #grow(minimumBytes: number): void {
    const grown = Buffer.allocUnsafeSlow(Math.max(minimumBytes, this.#buffer.length * 2))
    this.#buffer.copy(grown, 0, 0, this.#position)
    this.#use(grown)
  }

  #use(buffer: Buffer): void {
    this.#buffer = buffer
    this.#view = viewOf(buffer)
  }
}

function viewOf({ buffer, byteOffset, length }: Buffer): DataView {
  return new DataView(buffer, byteOffset, length)
}

function refuse(wanted: string, got: unknown): never {
  throw new WireFault(`must be ${wanted}, got ${String(got)}`)
}

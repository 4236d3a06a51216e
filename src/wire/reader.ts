import { VarintReader } from '../base/varint.ts'
import { uuidBytes, zeroUuid } from './uuid.ts'
import { WireFault } from './wire-fault.ts'

const wordRange = 0x1_0000_0000
/** Upper words from here on up, or below its negative, belong to int64s that a `number` cannot hold exactly. */
const safeUpperWord = 0x20_0000

/**
 * A cursor over a frame: Kafka's primitive types, big-endian. Nothing is read past the end of the buffer and
 * nothing is allocated for a length before so many bytes are known to be there.
 */
export class Reader extends VarintReader {
  readonly #buffer: Buffer
  /** The same bytes: numbers come out of a view faster than out of a `Buffer`. */
  readonly #view: DataView

  /** @param position where to begin; the end is that of `buffer` */
  constructor(buffer: Buffer, position: number) {
    super(buffer, position, buffer.length, fail)
    this.#buffer = buffer
    this.#view = new DataView(buffer.buffer, buffer.byteOffset, buffer.length)
  }

  readBool(): boolean {
    return this.readInt8() !== 0
  }

  readInt8(): number {
    return this.#view.getInt8(this.#take(1))
  }

  readInt16(): number {
    return this.#view.getInt16(this.#take(2))
  }

  readUint16(): number {
    return this.#view.getUint16(this.#take(2))
  }

  readInt32(): number {
    return this.#view.getInt32(this.#take(4))
  }

  /** Refuses what a `number` cannot hold exactly: nothing is rounded. */
  readInt64(): number {
    const position = this.#take(8)
    const upper = this.#view.getInt32(position)
    if (upper >= safeUpperWord || upper < -safeUpperWord)
      fail(`${this.#view.getBigInt64(position)} is beyond the 2^53 that can be represented`)
    return upper * wordRange + this.#view.getUint32(position + 4)
  }

  readFloat64(): number {
    return this.#view.getFloat64(this.#take(8))
  }

  readUuid(): string {
    const position = this.#take(uuidBytes)
    const text = this.#buffer.toString('base64url', position, position + uuidBytes)
    // Most absent ids are this one, which then is compared by identity.
    return text === zeroUuid ? zeroUuid : text
  }

  /** An unsigned varint: lengths and counts of flexible versions (KIP-482), nearly always one byte. */
  readSize(): number {
    const first = this.bytes[this.position]
    if (first === undefined || first >= 0x80) return this.readUnsignedVarint()
    this.position++
    return first
  }

  /** Text of `size` bytes of UTF-8. */
  readText(size: number): string {
    const position = this.#take(size)
    return this.#buffer.toString('utf8', position, position + size)
  }

  /** The next `size` bytes, not copied. */
  readSlice(size: number): Buffer {
    const position = this.#take(size)
    return this.#buffer.subarray(position, position + size)
  }

  skip(size: number): void {
    this.#take(size)
  }

  /** Refuses a count of elements that cannot all be there, each taking `elementBytes` at the least. */
  checkCount(count: number, elementBytes: number): void {
    const left = this.end - this.position
    if (count * elementBytes > left) fail(`${count} elements do not fit in the ${left} bytes that are left`)
  }

  /** Steps over `size` bytes, which are there, and returns where they begin. */
  #take(size: number): number {
    const position = this.position
    const next = position + size
    if (next > this.end) fail(`${size} bytes are due, and ${this.end - position} are left`)
    this.position = next
    return position
  }
}

function fail(reason: string): never {
  throw new WireFault(reason)
}

import { VarintReader } from '../base/varint.ts'
import { heapBytesMax, sliceBytes, textBytes } from './heap-bytes.ts'
import { uuidBytes, zeroUuid } from './uuid.ts'
import { WireFault } from './wire-fault.ts'

const wordRange = 0x1_0000_0000
/** V8 keeps longer arrays as hash tables, which take twice the memory and ten times as long. */
const elementCountMax = 2 ** 25

/**
 * A cursor over a frame: Kafka's primitive types, big-endian. Nothing is read past the end of the buffer,
 * nothing is allocated for a length before so many bytes are known to be there, and what is read out of a frame takes
 * no more of the heap than {@link heapBytesMax}.
 */
export class Reader extends VarintReader {
  readonly #buffer: Buffer
  /** The same bytes: numbers come out of a view faster than out of a `Buffer`. */
  readonly #view: DataView
  /** What the values yet to be read may take of the heap. */
  #heapBytesLeft: number

  /** @param position where to begin; the end is that of `buffer` */
  constructor(buffer: Buffer, position: number) {
    super(buffer, position, buffer.length, fail)
    this.#buffer = buffer
    this.#view = new DataView(buffer.buffer, buffer.byteOffset, buffer.length)
    this.#heapBytesLeft = heapBytesMax(buffer.length)
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
    const value = this.#view.getInt32(position) * wordRange + this.#view.getUint32(position + 4)
    if (!Number.isSafeInteger(value))
      fail(`${this.#view.getBigInt64(position)} is beyond the 2^53 that can be represented`)
    return value
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
    if (size === 0) return ''
    const text = this.#buffer.toString('utf8', position, position + size)
    // What is as long as its bytes is ASCII.
    this.countHeapBytes(textBytes(text.length, text.length === size ? 1 : 2))
    return text
  }

  /** The next `size` bytes, not copied. */
  readSlice(size: number): Buffer {
    const position = this.#take(size)
    this.countHeapBytes(sliceBytes)
    return this.#buffer.subarray(position, position + size)
  }

  skip(size: number): void {
    this.#take(size)
  }

  /** Refuses a count of elements that cannot all be there, each taking `elementBytes` at the least, or is beyond all use. */
  checkCount(count: number, elementBytes: number): void {
    const left = this.end - this.position
    if (count * elementBytes > left) fail(`${count} elements do not fit in the ${left} bytes that are left`)
    if (count > elementCountMax) fail(`${count} elements are more than the ${elementCountMax} that are taken`)
  }

  /** Counts what values take of the heap, and refuses the message when it is too much for its size. */
  countHeapBytes(heapBytes: number): void {
    this.#heapBytesLeft -= heapBytes
    if (this.#heapBytesLeft < 0)
      fail(`the message would take more than ${heapBytesMax(this.end)} bytes of memory for its ${this.end}`)
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

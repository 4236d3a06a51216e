import { OutputLimitError } from './errors.ts'

/** Gives back what a much too large guess holds: more than a quarter unused costs a copy. */
const isWasteful = (size: number, capacity: number): boolean => capacity - size > capacity / 4

/**
 * Output of a decoder that learns its size only while it decodes. It never holds more than `maxBytes`: whatever
 * would go beyond throws {@link OutputLimitError} before room is made for it. Meanwhile the room
 * doubles, starting from what is written first or from what is expected; a wrong guess costs only time.
 */
export class GrowingOutput {
  readonly #format: string
  readonly #maxBytes: number
  #buffer: Buffer = Buffer.alloc(0)
  #size = 0

  constructor(format: string, maxBytes: number) {
    this.#format = format
    this.#maxBytes = maxBytes
  }

  /** Bytes written so far. */
  get size(): number {
    return this.#size
  }

  /** Bytes that may still come. */
  get remainingBytes(): number {
    return this.#maxBytes - this.#size
  }

  append(bytes: Uint8Array): void {
    this.#ensure(bytes.length)
    this.#buffer.set(bytes, this.#size)
    this.#size += bytes.length
  }

  /** Room for `size` bytes after what is written. Call {@link advance} with how much of it was used. */
  reserve(size: number): Buffer {
    this.#ensure(size)
    return this.#buffer.subarray(this.#size, this.#size + size)
  }

  advance(size: number): void {
    this.#size += size
  }

  /** Makes room for about `size` bytes more at once, as far as the limit goes. */
  expect(size: number): void {
    const wantedBytes = Math.min(this.#size + size, this.#maxBytes)
    if (size > 0 && wantedBytes > this.#buffer.length) this.#resize(wantedBytes)
  }

  /** What is written from `start` on. Valid until the next write. */
  since(start: number): Buffer {
    return this.#buffer.subarray(start, this.#size)
  }

  /** The error for input that is known to expand beyond the limit. */
  limitError(detail?: string): OutputLimitError {
    return new OutputLimitError(this.#format, this.#maxBytes, detail)
  }

  finish(): Buffer {
    if (this.#size === this.#buffer.length) return this.#buffer
    const output = this.#buffer.subarray(0, this.#size)
    return isWasteful(this.#size, this.#buffer.length) ? Buffer.from(output) : output
  }

  /** Makes room for `size` bytes more. */
  #ensure(size: number): void {
    const end = this.#size + size
    if (end <= this.#buffer.length) return
    if (end > this.#maxBytes) throw this.limitError()
    this.#resize(Math.max(end, Math.min(2 * this.#buffer.length, this.#maxBytes)))
  }

  #resize(capacity: number): void {
    const grown = Buffer.allocUnsafe(capacity)
    grown.set(this.since(0))
    this.#buffer = grown
  }
}

/** Bytes that grow as they are written, zero where nothing was written: the content of a file in memory. */
export class GrowableBytes {
  #bytes: Buffer
  #size: number

  constructor(bytes: Buffer = Buffer.alloc(0)) {
    this.#bytes = bytes
    this.#size = bytes.length
  }

  get size(): number {
    return this.#size
  }

  /** Copies up to `length` bytes from `position` into `target`; returns how many there were. */
  read(target: Uint8Array, targetOffset: number, length: number, position: number): number {
    const count = Math.max(0, Math.min(length, this.#size - position))
    if (count > 0) target.set(this.#bytes.subarray(position, position + count), targetOffset)
    return count
  }

  /** Puts `source` at `position`. A gap before it reads as zeros. */
  write(source: Uint8Array, position: number): void {
    if (source.length === 0) return
    this.#growTo(position + source.length)
    this.#bytes.set(source, position)
  }

  /** Cuts, or extends with zeros. */
  resize(size: number): void {
    // What is cut off must read as zeros if the bytes grow over it again.
    if (size < this.#size) this.#bytes.fill(0, size, this.#size)
    else this.#growTo(size)
    this.#size = size
  }

  /** Bytes from `start` up to `end`, not copied: valid until the next change. */
  slice(start: number, end: number): Buffer {
    return this.#bytes.subarray(start, Math.min(end, this.#size))
  }

  copy(): GrowableBytes {
    return new GrowableBytes(Buffer.from(this.slice(0, this.#size)))
  }

  #growTo(size: number): void {
    if (size > this.#bytes.length) {
      const grown = Buffer.alloc(Math.max(size, this.#bytes.length * 2, 64))
      this.#bytes.copy(grown, 0, 0, this.#size)
      this.#bytes = grown
    }
    this.#size = Math.max(this.#size, size)
  }
}

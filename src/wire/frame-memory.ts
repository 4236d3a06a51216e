/** Frames smaller than this share memory with others: they are not worth the keeping. */
const smallestBytes = 4 * 1024

/** How much a {@link FrameMemory} keeps. */
export interface FrameMemoryLimits {
  /** Of larger frames the memory is not kept. Default 2 MiB. */
  readonly largestBytes?: number
  /** The most that is kept while nobody uses it. Default 4 MiB. */
  readonly keptBytesMax?: number
}

/**
 * Memory for frames, used over and over. Fresh memory for each is cheap to get and costly to lose: the garbage
 * collector counts what lies outside of its heap, and at tens of megabytes goes through all of it.
 *
 * Sizes are rounded up to powers of two, so that what one frame leaves fits the next.
 */
export class FrameMemory {
  /** By size. */
  readonly #free = new Map<number, ArrayBuffer[]>()
  readonly #largestBytes: number
  readonly #keptBytesMax: number
  #keptBytes = 0

  constructor({ largestBytes = 2 * 1024 * 1024, keptBytesMax = 4 * 1024 * 1024 }: FrameMemoryLimits = {}) {
    this.#largestBytes = largestBytes
    this.#keptBytesMax = keptBytesMax
  }

  /** Bytes kept for frames to come. */
  get keptBytes(): number {
    return this.#keptBytes
  }

  /** Whether the memory of a frame of `bytes` is its own, and kept when it is given back. */
  keeps(bytes: number): boolean {
    return bytes >= smallestBytes && bytes <= this.#largestBytes
  }

  /** Memory for `bytes`, with anything in it. */
  take(bytes: number): Buffer {
    if (bytes < smallestBytes) return Buffer.allocUnsafe(bytes)
    if (!this.keeps(bytes)) return Buffer.allocUnsafeSlow(bytes)
    const roomBytes = roomFor(bytes)
    const free = this.#free.get(roomBytes)?.pop()
    if (free === undefined) return Buffer.allocUnsafeSlow(roomBytes).subarray(0, bytes)
    this.#keptBytes -= roomBytes
    return Buffer.from(free, 0, bytes)
  }

  /** Takes back what {@link take} gave. Nobody may look at it any more: it will hold another frame. */
  giveBack(frame: Buffer): void {
    if (!this.keeps(frame.length)) return
    const roomBytes = roomFor(frame.length)
    if (this.#keptBytes + roomBytes > this.#keptBytesMax) return
    this.#keptBytes += roomBytes
    const free = this.#free.get(roomBytes)
    const memory = frame.buffer as ArrayBuffer
    if (free === undefined) this.#free.set(roomBytes, [memory])
    else free.push(memory)
  }
}

/** The least power of two that is not below `bytes`. */
function roomFor(bytes: number): number {
  return 2 ** (32 - Math.clz32(bytes - 1))
}

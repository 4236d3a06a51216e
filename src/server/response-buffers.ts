import { FrameMemory } from '../wire/frame-memory.ts'

const mebibyte = 1024 * 1024

/**
 * What a consumer fetches is at most 50 MiB at once by its defaults, of which each partition gives 1 MiB; beyond these
 * limits memory is fresh.
 */
const limits = { largestBytes: 16 * mebibyte, keptBytesMax: 32 * mebibyte }

/**
 * Memory that records are read to on their way from a log to a socket, used over and over. It is lent until the system
 * has taken all that is in it. What is lent and never given back (its connection was lost) is nobody's loss: the garbage
 * collector has it.
 */
export class ResponseBuffers {
  readonly #memory = new FrameMemory(limits)
  /** Weak, so that what is lost is not held. */
  readonly #lent = new WeakSet<ArrayBufferLike>()

  /** Bytes kept for responses to come. */
  get keptBytes(): number {
    return this.#memory.keptBytes
  }

  /** Memory for `bytes`, with anything in it. */
  take(bytes: number): Buffer {
    const buffer = this.#memory.take(bytes)
    if (this.#memory.keeps(bytes)) this.#lent.add(buffer.buffer)
    return buffer
  }

  /**
   * Takes back what {@link take} gave, of which `piece` is any slice. Of all that is sent whatever was not lent, or was
   * given back already, is left alone.
   */
  giveBack({ buffer }: Buffer): void {
    if (this.#lent.delete(buffer)) this.#memory.giveBack(Buffer.from(buffer))
  }
}

import type { Writable } from 'node:stream'
import type { Clock } from '../../env/env.ts'
import { systemErrorCode } from '../../env/system-error.ts'

const chunkBytes = 64 * 1024

/**
 * Standard output for many small pieces: collects them and writes once per turn of the event loop, or when 64 KiB
 * are there. Who prints much waits for {@link drained} when {@link isFull} says so, and so never holds more than
 * that in memory.
 */
export class Output {
  readonly #stream: Writable
  readonly #clock: Clock
  readonly #onGone: () => void
  #pieces: Uint8Array[] = []
  #bytes = 0
  #flushIsDue = false
  #isCongested = false
  #failure: Error | undefined
  #wake: (() => void) | undefined

  /** `onGone` is called when nobody reads any more (EPIPE). */
  constructor(stream: Writable, clock: Clock, onGone: () => void) {
    this.#stream = stream
    this.#clock = clock
    this.#onGone = onGone
    stream.on('error', (error) => this.#fail(error))
    stream.on('drain', () => {
      this.#isCongested = false
      this.#wake?.()
    })
  }

  get isFull(): boolean {
    return this.#bytes >= chunkBytes || this.#isCongested || this.#failure !== undefined
  }

  /** Prints `piece`, UTF-8 when it is text. Bytes are not copied and must not change until the next turn. */
  put(piece: Uint8Array | string): void {
    const bytes = typeof piece === 'string' ? Buffer.from(piece) : piece
    this.#pieces.push(bytes)
    this.#bytes += bytes.length
    if (this.#flushIsDue) return
    this.#flushIsDue = true
    this.#clock.nextTurn(() => {
      this.#flushIsDue = false
      this.#flush()
    })
  }

  line(text: string): void {
    this.put(`${text}\n`)
  }

  /**
   * Resolves when there is room again.
   *
   * @throws the system's error when the output cannot be written
   */
  async drained(): Promise<void> {
    this.#flush()
    while (this.#isCongested && this.#failure === undefined)
      await new Promise<void>((resolve) => (this.#wake = resolve))
    if (this.#failure !== undefined) throw this.#failure
  }

  /** Everything printed has been handed to the system when it resolves. Throws as {@link drained} does. */
  async end(): Promise<void> {
    this.#flush()
    if (this.#failure === undefined) await new Promise<void>((done) => this.#stream.write('', () => done()))
    if (this.#failure !== undefined) throw this.#failure
  }

  #flush(): void {
    if (this.#bytes === 0) return
    const bytes = Buffer.concat(this.#pieces, this.#bytes)
    this.#pieces = []
    this.#bytes = 0
    if (this.#failure === undefined) this.#isCongested = !this.#stream.write(bytes)
  }

  #fail(error: Error): void {
    this.#failure ??= error
    this.#wake?.()
    if (systemErrorCode(error) === 'EPIPE') this.#onGone()
  }
}

import type { MovableDeadline } from './movable-deadline.ts'

/** What the writer needs of a socket. */
export interface ByteSink {
  cork(): void
  uncork(): void
  write(bytes: Uint8Array, onWritten?: (error?: Error | null) => void): boolean
}

/** Whoever wants to know which memory is free again. */
export interface SentPieces {
  /** The system has taken all of `piece`, which will not be looked at any more. */
  giveBack(piece: Buffer): void
}

/**
 * The most that is handed to the socket at once. The system says that a write is done only when all of it is, so
 * this is also the step in which a slow reader's progress is seen.
 */
const stepBytes = 256 * 1024

/**
 * Sends buffers in order, uncopied, a step at a time: the next one goes out when the system has taken the one before.
 * What arrives meanwhile is gathered into one vectored write.
 */
export class ResponseWriter {
  readonly #sink: ByteSink
  readonly #deadline: MovableDeadline
  readonly #onProgress: () => void
  readonly #sent: SentPieces | undefined
  #waiting: Buffer[] = []
  /** Those of which the last part is in the step under way. */
  #ending: Buffer[] = []
  #unsentBytes = 0
  #stepBytes = 0
  #isWriting = false
  #isClosed = false

  /**
   * `deadline` runs while a step is under way; `onProgress` is called when one is done. `sent` is given back each
   * buffer once the system has taken all of it, and none that is left when the connection is lost.
   */
  constructor(sink: ByteSink, deadline: MovableDeadline, onProgress: () => void, sent?: SentPieces) {
    this.#sink = sink
    this.#deadline = deadline
    this.#onProgress = onProgress
    this.#sent = sent
  }

  /** Bytes that the system has not taken yet. */
  get unsentBytes(): number {
    return this.#unsentBytes
  }

  /** Since when the system has taken nothing, by the monotonic clock; `Infinity` when it has nothing to take. */
  get stalledSinceMs(): number {
    return this.#deadline.sinceMs
  }

  send(buffers: readonly Buffer[]): void {
    for (const buffer of buffers) {
      this.#waiting.push(buffer)
      this.#unsentBytes += buffer.length
    }
    if (!this.#isWriting) this.#writeStep()
  }

  /** Forgets what is not sent. */
  close(): void {
    this.#waiting = []
    this.#ending = []
    this.#unsentBytes = 0
    this.#isClosed = true
    this.#deadline.close()
  }

  #writeStep(): void {
    const step = this.#takeStep()
    const last = step.pop()
    if (last === undefined) return
    this.#isWriting = true
    this.#deadline.restart()
    this.#sink.cork()
    for (const buffer of step) this.#sink.write(buffer)
    this.#sink.write(last, (error) => this.#onStepWritten(error))
    this.#sink.uncork()
  }

  #onStepWritten(error: Error | null | undefined): void {
    // A socket that failed says so itself, and closes us.
    if (error || this.#isClosed) return
    this.#deadline.stop()
    this.#isWriting = false
    this.#unsentBytes -= this.#stepBytes
    for (const buffer of this.#ending) this.#sent?.giveBack(buffer)
    this.#writeStep()
    this.#onProgress()
  }

  /** Up to {@link stepBytes} from the front of what waits; a larger buffer is sliced. */
  #takeStep(): Buffer[] {
    const step: Buffer[] = []
    this.#stepBytes = 0
    let taken = 0
    for (const buffer of this.#waiting) {
      const roomBytes = stepBytes - this.#stepBytes
      if (roomBytes === 0) break
      const part = buffer.length > roomBytes ? buffer.subarray(0, roomBytes) : buffer
      step.push(part)
      this.#stepBytes += part.length
      if (part === buffer) taken++
      else this.#waiting[taken] = buffer.subarray(roomBytes)
    }
    this.#ending = this.#waiting.splice(0, taken)
    return step
  }
}

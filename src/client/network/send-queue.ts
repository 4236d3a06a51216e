import type { Socket } from 'node:net'
import type { Timer, Timers } from '../../env/timers.ts'

/**
 * So much may lie unsent in a socket before more has to wait: enough for the largest request that a producer makes by default, and
 * little enough that a broker which does not read costs no more than that.
 */
const maxUnsentBytes = 1024 * 1024

/** How long a socket may stay full. */
export interface StuckLimit {
  readonly timers: Timers
  readonly delayMs: number
  readonly onStuck: () => void
}

/**
 * Lets requests out in their order: at once, as long as the socket takes them and the broker wants them, and else when the one has
 * been emptied and the other has had its pause. What waits is not encoded yet.
 */
export class SendQueue {
  readonly #socket: Socket
  readonly #stuckLimit: StuckLimit
  #waiting: (() => void)[] = []
  /** Set while the socket is full. */
  #stuck: Timer | undefined
  /** Pauses that are not over. */
  readonly #pauses = new Set<Timer>()

  constructor(socket: Socket, stuckLimit: StuckLimit) {
    this.#socket = socket
    this.#stuckLimit = stuckLimit
    socket.on('drain', () => this.#onDrain())
  }

  get waitingCount(): number {
    return this.#waiting.length
  }

  /** Whether the broker wants nothing at this moment. */
  get isPaused(): boolean {
    return this.#pauses.size > 0
  }

  /** Lets nothing out for `delayMs`. Of several pauses the one that ends last counts. */
  pause(delayMs: number): void {
    const pause = this.#stuckLimit.timers.after(delayMs, () => {
      this.#pauses.delete(pause)
      this.#sendWaiting()
    })
    this.#pauses.add(pause)
  }

  /** Calls `send`, which writes to the socket and must not throw, in its turn: within this call, if nothing keeps it. */
  add(send: () => void): void {
    if (this.#mayGoOn) this.#send(send)
    else this.#waiting.push(send)
  }

  /** Calls all that wait, for the connection has failed: each finds that out. */
  abandon(): void {
    this.#stuck?.cancel()
    this.#stuck = undefined
    for (const pause of this.#pauses) pause.cancel()
    this.#pauses.clear()
    const waiting = this.#waiting
    this.#waiting = []
    for (const send of waiting) send()
  }

  #send(send: () => void): void {
    send()
    const { writableLength, writableNeedDrain } = this.#socket
    if (writableLength <= maxUnsentBytes || !writableNeedDrain) return
    const { timers, delayMs, onStuck } = this.#stuckLimit
    this.#stuck = timers.after(delayMs, onStuck)
  }

  #onDrain(): void {
    this.#stuck?.cancel()
    this.#stuck = undefined
    this.#sendWaiting()
  }

  get #mayGoOn(): boolean {
    return this.#stuck === undefined && !this.isPaused
  }

  #sendWaiting(): void {
    while (this.#mayGoOn) {
      const next = this.#waiting.shift()
      if (next === undefined) return
      this.#send(next)
    }
  }
}

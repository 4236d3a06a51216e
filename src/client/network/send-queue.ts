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
 * Lets requests out in their order: at once, as long as the socket takes them, and else when it has been emptied. What waits is not
 * encoded yet.
 */
export class SendQueue {
  readonly #socket: Socket
  readonly #stuckLimit: StuckLimit
  #waiting: (() => void)[] = []
  /** Set while the socket is full. */
  #stuck: Timer | undefined

  constructor(socket: Socket, stuckLimit: StuckLimit) {
    this.#socket = socket
    this.#stuckLimit = stuckLimit
    socket.on('drain', () => this.#onDrain())
  }

  get waitingCount(): number {
    return this.#waiting.length
  }

  /** Calls `send`, which writes to the socket and must not throw, in its turn: within this call, if nothing keeps it. */
  add(send: () => void): void {
    if (this.#stuck === undefined) this.#send(send)
    else this.#waiting.push(send)
  }

  /** Calls all that wait, for the connection has failed: each finds that out. */
  abandon(): void {
    this.#stuck?.cancel()
    this.#stuck = undefined
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
    while (this.#stuck === undefined) {
      const next = this.#waiting.shift()
      if (next === undefined) return
      this.#send(next)
    }
  }
}

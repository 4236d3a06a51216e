import type { Clock } from '../env/env.ts'

/** Requests of all connections that have more of them at hand, in one turn of the event loop. */
const turnRequests = 64

/**
 * Shares the turns of the event loop out among the connections that have more requests at hand than a turn takes: the more
 * they are, the fewer each may start before it waits for the next turn, so that a client with one request never waits
 * for long behind those with thousands.
 */
export class TurnShare {
  readonly #clock: Clock
  #waiting: (() => void)[] = []
  /** How many went on in the last turn. */
  #sharerCount = 1

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Requests that one connection may start before it has to wait. At least 1. */
  get requestCount(): number {
    return Math.max(1, Math.floor(turnRequests / Math.max(this.#sharerCount, this.#waiting.length)))
  }

  /** Calls `goOn` in the next turn, after those who have waited longer. */
  wait(goOn: () => void): void {
    if (this.#waiting.push(goOn) === 1) this.#clock.nextTurn(() => this.#begin())
  }

  #begin(): void {
    const waiting = this.#waiting
    this.#waiting = []
    this.#sharerCount = waiting.length
    for (const goOn of waiting) goOn()
  }
}

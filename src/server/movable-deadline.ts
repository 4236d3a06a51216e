import type { Timer, Timers } from '../env/timers.ts'
import type { Clock } from '../env/env.ts'

/**
 * A deadline that is moved far more often than it is met: moving it writes one number. The timer below it is set
 * for the first deadline and, when that comes, for what is left until the latest.
 */
export class MovableDeadline {
  readonly #clock: Clock
  readonly #timers: Timers
  readonly #delayMs: number
  readonly #onDue: () => void
  #sinceMs = Number.POSITIVE_INFINITY
  #timer: Timer | undefined

  /** Calls `onDue` once `delayMs` have passed since the last {@link restart}. */
  constructor(clock: Clock, timers: Timers, delayMs: number, onDue: () => void) {
    this.#clock = clock
    this.#timers = timers
    this.#delayMs = delayMs
    this.#onDue = onDue
  }

  /** When it was last restarted; `Infinity` while it is stopped. */
  get sinceMs(): number {
    return this.#sinceMs
  }

  /** Counts from now on. */
  restart(): void {
    this.#sinceMs = this.#clock.monotonicMs()
    if (this.#timer === undefined && this.#delayMs !== Number.POSITIVE_INFINITY) this.#arm(this.#delayMs)
  }

  /** Counts no more until the next {@link restart}. */
  stop(): void {
    this.#sinceMs = Number.POSITIVE_INFINITY
  }

  /** Stops, for good. */
  close(): void {
    this.stop()
    this.#timer?.cancel()
  }

  #arm(delayMs: number): void {
    this.#timer = this.#timers.after(delayMs, () => this.#onTimer())
  }

  #onTimer(): void {
    this.#timer = undefined
    if (this.#sinceMs === Number.POSITIVE_INFINITY) return
    const leftMs = this.#sinceMs + this.#delayMs - this.#clock.monotonicMs()
    if (leftMs > 0) return this.#arm(leftMs)
    this.stop()
    this.#onDue()
  }
}

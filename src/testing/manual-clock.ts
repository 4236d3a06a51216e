import type { Clock } from '../env/env.ts'
import { nodeClock } from '../env/node-clock.ts'
import { turn } from '../env/turn.ts'

interface Sleeper {
  readonly dueMs: number
  wake(): void
}

/** A clock that stands still until it is told to move, so that tests wait for nothing. */
export class ManualClock implements Clock {
  #nowMs: number
  #monotonicMs = 0
  /** In the order they are due. */
  #sleepers: Sleeper[] = []

  /** Starts at `nowMs`; by default on 14 November 2023 at 22:13:20 UTC, a round number of milliseconds. */
  constructor(nowMs = 1_700_000_000_000) {
    this.#nowMs = nowMs
  }

  /** How many sleeps are waiting for the clock to move. */
  get sleeperCount(): number {
    return this.#sleepers.length
  }

  /** Whole milliseconds, as the computer's clock tells them, though sleeps may end between two. */
  nowMs(): number {
    return Math.floor(this.#nowMs)
  }

  monotonicMs(): number {
    return this.#monotonicMs
  }

  async sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    if (delayMs > 0) await this.#sleepUntil(this.#monotonicMs + delayMs, signal)
  }

  /** Runs `action` in the real next turn: the event loop turns by itself, whatever this clock says. */
  nextTurn(action: () => void): void {
    nodeClock().nextTurn(action)
  }

  /**
   * Moves wall and monotonic time on at once, waking the sleeps that are due on the way in order. What they wake
   * runs after this call, when the whole time has passed; see {@link runFor} for the other way.
   */
  advance(durationMs: number): void {
    if (!(durationMs >= 0))
      throw new RangeError(`advance(${durationMs}): time goes on; jump() sets the wall clock back`)
    const endMs = this.#monotonicMs + durationMs
    while (this.#wakeNext(endMs));
    this.#moveTo(endMs)
  }

  /**
   * Lets `durationMs` pass as real time would: after each sleep that ends, what it wakes runs for a turn of the
   * event loop, and may sleep again within the same stretch of time.
   */
  async runFor(durationMs: number): Promise<void> {
    const endMs = this.#monotonicMs + durationMs
    do await turn(this)
    while (this.#wakeNext(endMs))
    this.#moveTo(Math.max(endMs, this.#monotonicMs))
  }

  /** Sets the wall clock forward, or back with a negative number, as an administrator or NTP would. Wakes nobody. */
  jump(durationMs: number): void {
    this.#nowMs += durationMs
  }

  #sleepUntil(dueMs: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper)
        reject(signal?.reason)
      }
      const wake = () => {
        signal?.removeEventListener('abort', onAbort)
        resolve()
      }
      const sleeper = { dueMs, wake }
      this.#sleepers = [...this.#sleepers, sleeper].toSorted((a, b) => a.dueMs - b.dueMs)
      signal?.addEventListener('abort', onAbort, { once: true })
    })
  }

  /** Moves to the next sleep that ends by `endMs` and wakes it; false when there is none. */
  #wakeNext(endMs: number): boolean {
    const next = this.#sleepers[0]
    if (!next || next.dueMs > endMs) return false
    this.#sleepers.shift()
    this.#moveTo(next.dueMs)
    next.wake()
    return true
  }

  #moveTo(monotonicMs: number): void {
    this.#nowMs += monotonicMs - this.#monotonicMs
    this.#monotonicMs = monotonicMs
  }
}

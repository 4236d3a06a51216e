import type { Timer, Timers } from '../../env/timers.ts'
import type { Clock } from '../../env/env.ts'

/** What a {@link PollDeadline} watches by. */
export interface PollDeadlineParts {
  readonly clock: Clock
  readonly timers: Timers
  /** Kafka's `max.poll.interval.ms`. */
  readonly intervalMs: number
  /** Whether the application is waiting for records at this moment, which it may do for as long as it likes. */
  readonly isWaiting: () => boolean
  readonly onOverdue: () => void
}

/** Whether the application comes back in time. Touching it costs a look at the clock: no timer is moved. */
export class PollDeadline {
  readonly #parts: PollDeadlineParts
  #touchedMs = 0
  #timer: Timer | undefined

  constructor(parts: PollDeadlineParts) {
    this.#parts = parts
  }

  touch(): void {
    this.#touchedMs = this.#parts.clock.monotonicMs()
  }

  /** Counts from now. */
  start(): void {
    this.touch()
    this.#schedule(this.#parts.intervalMs)
  }

  stop(): void {
    this.#timer?.cancel()
  }

  #schedule(delayMs: number): void {
    this.stop()
    this.#timer = this.#parts.timers.after(delayMs, () => this.#look())
  }

  #look(): void {
    const { clock, intervalMs, isWaiting, onOverdue } = this.#parts
    if (isWaiting()) this.touch()
    const leftMs = this.#touchedMs + intervalMs - clock.monotonicMs()
    if (leftMs > 0) this.#schedule(leftMs)
    else onOverdue()
  }
}

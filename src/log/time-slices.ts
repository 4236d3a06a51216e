import type { Clock } from '../env/env.ts'
import { turn } from '../env/turn.ts'

/** Long enough to get something done, short enough that nobody notices. */
const sliceMs = 4

/** Cuts long work into slices of some milliseconds, between which the event loop serves others. */
export class TimeSlices {
  readonly #clock: Clock
  #endsMs: number

  constructor(clock: Clock) {
    this.#clock = clock
    this.#endsMs = clock.monotonicMs() + sliceMs
  }

  /** Whether it is time to await {@link next}. */
  get isOver(): boolean {
    return this.#clock.monotonicMs() >= this.#endsMs
  }

  /** Resolves when the others have had their turn. */
  async next(): Promise<void> {
    await turn(this.#clock)
    this.#endsMs = this.#clock.monotonicMs() + sliceMs
  }
}

import type { Clock } from '../../env/env.ts'
import { turn } from '../../env/turn.ts'

/** How long records may be handed out before everybody else in the process gets a turn. */
const sliceMs = 10
/** Looking at the clock costs about as much as handing out a record: it is looked at this often. */
const takesPerLook = 32

/**
 * Handing out records that are in memory takes microtasks only, and those run before anything else: without a pause now and then
 * no timer, no heartbeat and no socket of the process would get its turn until all are handed out.
 */
export class Pace {
  readonly #clock: Clock
  #sliceStartMs: number
  #takesLeft = takesPerLook

  constructor(clock: Clock) {
    this.#clock = clock
    this.#sliceStartMs = clock.monotonicMs()
  }

  /** Counts one handing out; true when it is time to {@link rest}. */
  isRestDue(): boolean {
    if (--this.#takesLeft > 0) return false
    this.#takesLeft = takesPerLook
    return this.#clock.monotonicMs() - this.#sliceStartMs >= sliceMs
  }

  /** Lets the event loop turn. */
  async rest(): Promise<void> {
    await turn(this.#clock)
    this.#sliceStartMs = this.#clock.monotonicMs()
  }
}

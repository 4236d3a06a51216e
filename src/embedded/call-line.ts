import type { Clock } from '../env/env.ts'
import { turn } from '../env/turn.ts'
import { AnswerQueue, type Place } from '../server/answer-queue.ts'

/** A call that stands in line. */
export interface LinedCall {
  /** Whether the next one may start before this one is answered. */
  readonly overlaps: boolean
  /** Does it, and resolves to how its caller is told what came of it. It must not reject. */
  start(): Promise<() => void>
}

/**
 * The calls of one link, started and answered in the order in which they came, as a connection does it: what does not
 * overlap is done one after the other. So whoever asks twice may build on the first having had its effect.
 *
 * Nobody is answered before the turn of the event loop is over in which the call was started. Handlers may be done without
 * waiting for anything, and who asks again as soon as it is answered would keep timers and sockets waiting for ever.
 */
export class CallLine {
  readonly #clock: Clock
  readonly #answers = new AnswerQueue<() => void>((tell) => tell())
  #waiting: { readonly call: LinedCall; readonly place: Place<() => void> }[] = []
  /** Calls under way behind which no other may start. */
  #blockingCount = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Calls that are not answered. */
  get count(): number {
    return this.#answers.count
  }

  /** Takes its place in line; it is started within this call if nothing is in its way. */
  enter(call: LinedCall): void {
    this.#waiting.push({ call, place: this.#answers.enter() })
    this.#startNext()
  }

  /** Forgets everyone in line. What has been started goes on, and nobody is told. */
  clear(): void {
    this.#waiting = []
    this.#answers.clear()
  }

  #startNext(): void {
    while (this.#blockingCount === 0) {
      const next = this.#waiting.shift()
      if (next === undefined) return
      void this.#run(next.call, next.place)
    }
  }

  async #run(call: LinedCall, place: Place<() => void>): Promise<void> {
    const blocking = call.overlaps ? 0 : 1
    this.#blockingCount += blocking
    const turnOver = turn(this.#clock)
    const tell = await call.start()
    await turnOver
    this.#blockingCount -= blocking
    this.#answers.answer(place, tell)
    this.#startNext()
  }
}

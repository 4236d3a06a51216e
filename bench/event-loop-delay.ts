import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks'

/** Milliseconds that a timer came late. */
export interface Delays {
  readonly p50: number
  readonly p99: number
  readonly max: number
}

/** How often the event loop is asked, in milliseconds: the shortest interval that a timer can have. */
const resolutionMs = 1

/**
 * How long the event loop keeps others waiting, measured from construction to {@link EventLoopDelay.stop}. Node counts
 * from one call of its timer to the next, so the interval itself is taken off.
 */
export class EventLoopDelay {
  readonly #histogram: IntervalHistogram = monitorEventLoopDelay({ resolution: resolutionMs })

  constructor() {
    this.#histogram.enable()
  }

  stop(): Delays {
    this.#histogram.disable()
    return { p50: this.#at(50), p99: this.#at(99), max: beyondInterval(this.#histogram.max) }
  }

  #at(percent: number): number {
    return beyondInterval(this.#histogram.percentile(percent))
  }
}

function beyondInterval(nanoseconds: number): number {
  return Math.max(0, nanoseconds / 1e6 - resolutionMs)
}

import type { Env } from '../../env/env.ts'
import { type BackoffLimits, backoffMs, chanceFrom } from '../cluster/backoff.ts'

interface Failures {
  readonly count: number
  readonly mayTryMs: number
}

/** When addresses that could not be reached may be tried again: each failure in a row makes the pause longer, so that a dead broker is not hammered. */
export class ReconnectBackoff {
  readonly #env: Pick<Env, 'clock' | 'random'>
  readonly #limits: BackoffLimits
  readonly #failures = new Map<string, Failures>()

  constructor(env: Pick<Env, 'clock' | 'random'>, limits: BackoffLimits) {
    this.#env = env
    this.#limits = limits
  }

  /** How long to leave `address` alone yet; 0 when it may be tried at once. */
  pauseMs(address: string): number {
    const mayTryMs = this.#failures.get(address)?.mayTryMs
    return mayTryMs === undefined ? 0 : Math.max(0, mayTryMs - this.#env.clock.monotonicMs())
  }

  /** Resolves when `address` may be tried; rejects with the reason of `signal`. */
  async pause(address: string, signal: AbortSignal): Promise<void> {
    const delayMs = this.pauseMs(address)
    if (delayMs > 0) await this.#env.clock.sleep(delayMs, signal)
  }

  failed(address: string): void {
    const count = (this.#failures.get(address)?.count ?? 0) + 1
    const delayMs = backoffMs(count, this.#limits, chanceFrom(this.#env.random))
    this.#failures.set(address, { count, mayTryMs: this.#env.clock.monotonicMs() + delayMs })
  }

  reached(address: string): void {
    this.#failures.delete(address)
  }
}

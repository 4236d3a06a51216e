import { TidemarkError } from '../../base/errors.ts'
import type { Env } from '../../env/env.ts'
import { backoffMs, chanceFrom } from './backoff.ts'
import type { ClientLimits } from './client-options.ts'

/** How something is tried again. */
export interface RetryOptions {
  readonly env: Pick<Env, 'clock' | 'random'>
  readonly limits: Pick<ClientLimits, 'apiTimeoutMs' | 'retryBackoffMs' | 'retryBackoffMaxMs'>
  readonly signal?: AbortSignal | undefined
  /** Called before each retry, with what made it necessary. */
  readonly onRetry?: (error: TidemarkError) => void
}

/**
 * What `attempt` resolves to, tried again after errors that say of themselves that they are retriable, until
 * `apiTimeoutMs` would be over. Then, and after any other error, its error is thrown as it is.
 */
export async function retry<T>(attempt: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { clock, random } = options.env
  const { apiTimeoutMs, retryBackoffMs: firstMs, retryBackoffMaxMs: maxMs } = options.limits
  const endMs = clock.monotonicMs() + apiTimeoutMs
  for (let failureCount = 1; ; failureCount++)
    try {
      options.signal?.throwIfAborted()
      return await attempt()
    } catch (error) {
      const delayMs = backoffMs(failureCount, { firstMs, maxMs }, chanceFrom(random))
      const isWorthIt = error instanceof TidemarkError && error.retriable
      if (!isWorthIt || clock.monotonicMs() + delayMs >= endMs) throw error
      options.onRetry?.(error)
      await clock.sleep(delayMs, options.signal)
    }
}

/** `promise`, or a rejection with the reason of `signal` if that comes first. What is under way goes on. */
export async function orAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return await promise
  // What nobody waits for any more may fail unheard.
  promise.catch(() => undefined)
  signal.throwIfAborted()
  const line = AbortLine.of(signal)
  let reject!: (reason: unknown) => void
  const aborted = new Promise<never>((_, give) => {
    reject = give
  })
  line.join(reject)
  try {
    return await Promise.race([promise, aborted])
  } finally {
    line.leave(reject)
  }
}

/** Those who wait for one signal, behind a single listener: thousands may, and Node takes more than ten listeners for a leak. */
class AbortLine {
  static readonly #lines = new WeakMap<AbortSignal, AbortLine>()
  readonly #signal: AbortSignal
  readonly #waiting = new Set<(reason: unknown) => void>()

  private constructor(signal: AbortSignal) {
    this.#signal = signal
  }

  static of(signal: AbortSignal): AbortLine {
    const known = AbortLine.#lines.get(signal)
    if (known !== undefined) return known
    const line = new AbortLine(signal)
    AbortLine.#lines.set(signal, line)
    return line
  }

  join(reject: (reason: unknown) => void): void {
    if (this.#waiting.size === 0) this.#signal.addEventListener('abort', this.#abort)
    this.#waiting.add(reject)
  }

  leave(reject: (reason: unknown) => void): void {
    this.#waiting.delete(reject)
    if (this.#waiting.size === 0) this.#signal.removeEventListener('abort', this.#abort)
  }

  readonly #abort = (): void => {
    for (const reject of this.#waiting) reject(this.#signal.reason)
  }
}

import type { Delivery } from './delivery.ts'
import { Pace } from './pace.ts'
import type { Clock } from '../../env/env.ts'

/** What an {@link Iteration} works with. */
export interface IterationOptions<T> {
  readonly clock: Clock
  readonly delivery: Pick<
    Delivery<unknown, unknown>,
    'begin' | 'end' | 'cameBack' | 'news' | 'wake' | 'isClosed' | 'throwIfFailed'
  >
  /** What to hand out next; undefined when there is nothing now. */
  readonly take: () => T | undefined
  /** Called whenever the application comes for more. */
  readonly onReturn: () => void
  /** Ends the iteration: `next` rejects with its reason. */
  readonly signal: AbortSignal | undefined
}

/**
 * One loop over what a consumer gets. What is in memory is handed out at once; where there is nothing, `next` waits. It ends, for good,
 * when the consumer is closed, when the loop is left, and with the first error.
 */
export class Iteration<T> implements AsyncIterableIterator<T> {
  readonly #options: IterationOptions<T>
  readonly #pace: Pace
  #pending: Promise<IteratorResult<T>> | undefined
  #isEnded = false

  /** @throws TypeError when the consumer is being iterated already */
  constructor(options: IterationOptions<T>) {
    this.#options = options
    this.#pace = new Pace(options.clock)
    options.delivery.begin()
  }

  // Not an async function: that would cost each record two more turns of the microtask queue.
  next(): Promise<IteratorResult<T>> {
    if (this.#pending !== undefined) {
      const again = () => this.next()
      return this.#pending.then(again, again)
    }
    try {
      const value = this.#comeBack()
      if (value !== undefined) return Promise.resolve({ value, done: false })
      if (this.#isEnded) return Promise.resolve({ value: undefined, done: true })
    } catch (error) {
      this.#end()
      return Promise.reject(error)
    }
    return this.#wait()
  }

  /** Leaves the loop. The consumer stays as it is, and can be iterated again. */
  return(): Promise<IteratorResult<T>> {
    this.#end()
    return Promise.resolve({ value: undefined, done: true })
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return()
  }

  /** What was in hand is done; the next, if it is there and nobody else has to be let in first. */
  #comeBack(): T | undefined {
    const { delivery, onReturn, signal, take } = this.#options
    // First of all, for whoever hears of an error or of its own signal is done with what it had all the same.
    if (!this.#isEnded) delivery.cameBack()
    delivery.throwIfFailed()
    if (this.#isEnded) return undefined
    signal?.throwIfAborted()
    onReturn()
    return this.#pace.isRestDue() ? undefined : take()
  }

  #wait(): Promise<IteratorResult<T>> {
    this.#pending = this.#awaitNext().finally(() => {
      this.#pending = undefined
    })
    return this.#pending
  }

  async #awaitNext(): Promise<IteratorResult<T>> {
    const { delivery, signal, take } = this.#options
    const onAbort = () => delivery.wake()
    signal?.addEventListener('abort', onAbort, { once: true })
    try {
      await this.#pace.rest()
      for (;;) {
        signal?.throwIfAborted()
        const value = this.#isEnded ? undefined : take()
        if (value !== undefined) return { value, done: false }
        if (this.#isEnded || delivery.isClosed) break
        await delivery.news()
      }
      this.#end()
      return { value: undefined, done: true }
    } catch (error) {
      this.#end()
      throw error
    } finally {
      signal?.removeEventListener('abort', onAbort)
    }
  }

  #end(): void {
    if (this.#isEnded) return
    this.#isEnded = true
    this.#options.delivery.end()
    this.#options.delivery.wake()
  }
}

/**
 * An async iterator that has most of its items in memory: only fetching more of them takes time. Whoever asks again
 * before the last question was answered gets the item after it.
 */
export abstract class FetchingIterator<T> implements AsyncIterableIterator<T>, AsyncDisposable {
  readonly #signal: AbortSignal | undefined
  #fetching: Promise<IteratorResult<T>> | undefined

  /** `signal` ends the iteration: `next` then rejects with its reason, whatever is in memory. */
  constructor(signal: AbortSignal | undefined) {
    this.#signal = signal
  }

  /** The next item if it is in memory already. */
  abstract nextFetched(): T | undefined

  /** Fetches more and returns the first of it, or the end. Not called again before it has settled. */
  protected abstract fetch(): Promise<IteratorResult<T>>

  abstract return(): Promise<IteratorResult<T>>

  // Not an async function: that would cost an item two more turns of the microtask queue.
  next(): Promise<IteratorResult<T>> {
    if (this.#fetching !== undefined) {
      const again = () => this.next()
      return this.#fetching.then(again, again)
    }
    try {
      this.#signal?.throwIfAborted()
      const value = this.nextFetched()
      return value === undefined ? this.#fetchNext() : Promise.resolve({ value, done: false })
    } catch (error) {
      return Promise.reject(error)
    }
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return()
  }

  #fetchNext(): Promise<IteratorResult<T>> {
    this.#fetching = this.fetch().finally(() => {
      this.#fetching = undefined
    })
    return this.#fetching
  }
}

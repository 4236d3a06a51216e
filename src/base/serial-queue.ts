/** Runs asynchronous actions one after the other, in the order in which they were given. A failed one holds up no other. */
export class SerialQueue {
  #tail: Promise<unknown> = Promise.resolve()

  /** Resolves or rejects as `action` does, which starts when all before it have ended. */
  run<T>(action: () => T | Promise<T>): Promise<T> {
    const result = this.#tail.then(action)
    this.#tail = result.catch(() => undefined)
    return result
  }
}

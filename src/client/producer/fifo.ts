/** How many may be gone from the front before the room that they took is looked at. */
const leastGoneCount = 1024

/** A queue in an array: its front moves, and what is behind it moves up only when half of it is gone, so that nothing is ever costly. */
export class Fifo<T> {
  #items: T[] = []
  /** Of the front. */
  #goneCount = 0

  get count(): number {
    return this.#items.length - this.#goneCount
  }

  get first(): T | undefined {
    return this.#items[this.#goneCount]
  }

  push(item: T): void {
    this.#items.push(item)
  }

  /** Takes out the first. */
  shift(): void {
    this.#goneCount++
    const { length } = this.#items
    if (this.#goneCount < length && (this.#goneCount < leastGoneCount || this.#goneCount * 2 < length)) return
    this.#items = this.#items.slice(this.#goneCount)
    this.#goneCount = 0
  }

  /** Takes out all, in their order. */
  clear(): T[] {
    const items = this.#items.slice(this.#goneCount)
    this.#items = []
    this.#goneCount = 0
    return items
  }
}

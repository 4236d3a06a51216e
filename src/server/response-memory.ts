/** A connection, as far as its unread responses go. */
export interface ResponseHolder {
  /** By the monotonic clock, since when the client has taken nothing of what it is sent; `Infinity` while nothing is. */
  readonly stalledSinceMs: number
  /** Lets go of all its responses, and tells {@link ResponseMemory.hold} so within the call. */
  giveUp(): void
}

/**
 * Response bytes of all connections together. Requests can be left unread until there is room, but responses to
 * clients that do not read them go nowhere: when they come to too much, the client that has taken nothing for longest
 * is given up. Clients that read are the last.
 */
export class ResponseMemory {
  readonly #maxBytes: number
  readonly #bytesByHolder = new Map<ResponseHolder, number>()
  #totalBytes = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** Bytes held by all. */
  get totalBytes(): number {
    return this.#totalBytes
  }

  /** Notes that `holder` now holds `bytes`. A single one may hold more than the limit: responses come in any size. */
  hold(holder: ResponseHolder, bytes: number): void {
    this.#totalBytes += bytes - (this.#bytesByHolder.get(holder) ?? 0)
    if (bytes === 0) this.#bytesByHolder.delete(holder)
    else this.#bytesByHolder.set(holder, bytes)
    while (this.#totalBytes > this.#maxBytes && this.#bytesByHolder.size > 1) this.#longestStalled()?.giveUp()
  }

  #longestStalled(): ResponseHolder | undefined {
    let longest: ResponseHolder | undefined
    for (const holder of this.#bytesByHolder.keys())
      if (longest === undefined || holder.stalledSinceMs < longest.stalledSinceMs) longest = holder
    return longest
  }
}

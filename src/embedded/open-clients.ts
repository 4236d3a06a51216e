/** Something that is closed with Tidemark. */
interface Closable {
  close(): Promise<void>
}

/** So many are kept before those that are gone are looked for. */
const leastCount = 32

/**
 * Producers or consumers that are to be closed in the end. They are held weakly: one that was closed before, and forgotten, is not
 * kept for that. One that still has something to do is held by that.
 */
export class OpenClients {
  readonly #clients = new Set<WeakRef<Closable>>()
  #nextSweepCount = leastCount

  /** How many are kept, some of which may be gone. */
  get count(): number {
    return this.#clients.size
  }

  /** Returns `client`. */
  add<C extends Closable>(client: C): C {
    if (this.#clients.size >= this.#nextSweepCount) this.#sweep()
    this.#clients.add(new WeakRef(client))
    return client
  }

  /** Closes all; resolves, once all have ended, to why some could not be closed well. */
  async closeAll(): Promise<unknown[]> {
    const open = [...this.#clients].flatMap((client) => client.deref() ?? [])
    const outcomes = await Promise.allSettled(open.map((client) => client.close()))
    return outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []))
  }

  #sweep(): void {
    for (const client of this.#clients) if (client.deref() === undefined) this.#clients.delete(client)
    // Twice as many as are left: each addition pays for as much as it brings.
    this.#nextSweepCount = Math.max(leastCount, 2 * this.#clients.size)
  }
}

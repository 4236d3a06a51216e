/** Who is to be told that something has changed: a set of callbacks, each called until it is taken out. */
export class WatchList {
  readonly #watchers = new Set<() => void>()

  /** Calls `watcher` at every {@link wake} until the returned function is called. */
  add(watcher: () => void): () => void {
    this.#watchers.add(watcher)
    return () => this.#watchers.delete(watcher)
  }

  wake(): void {
    for (const watcher of [...this.#watchers]) watcher()
  }
}

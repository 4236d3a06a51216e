/** A peer that keeps values under ascending integers: what one takes for a log when there is none. */
export interface Store {
  /** Appends values in one transaction. Resolves when it is committed, and synced if the store was opened durable. */
  append(values: readonly Uint8Array[]): Promise<void> | void
  /** Appends one value; may be called again before it resolves. */
  appendOne(value: Uint8Array): Promise<void>
  /** Reads all values in order, in the way that is fastest for this store. Returns the sum of their sizes. */
  readAll(): Promise<number> | number
  /** The value that was appended as number `offset`. */
  get(offset: number): Uint8Array | undefined | Promise<Uint8Array | undefined>
  close(): Promise<void> | void
}

export interface StoreKind {
  readonly name: string
  /** Whether it commits several transactions at once, so that concurrent appends share a sync. */
  readonly groupsCommits: boolean
  /** @param durable whether what is acknowledged survives a power cut */
  open(directory: string, durable: boolean): Promise<Store> | Store
}

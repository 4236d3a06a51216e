/**
 * What a cluster has to agree on, kept by some consensus system or, for a cluster of one, by a log in the data
 * directory: text under keys that form a tree of paths, laid out as Kafka's znodes are (see `znodes.ts`).
 */
export interface MetadataStore extends AsyncDisposable {
  /** The entry at `key`; undefined when there is none. */
  get(key: string): Promise<MetadataEntry | undefined>
  /** Every entry whose key begins with `prefix`, by key. */
  list(prefix: string): Promise<readonly MetadataEntry[]>
  /**
   * Makes all of `operations`, in their order, or none. Durable when it resolves with the entries as they are then
   * (undefined for those that are gone).
   *
   * @throws MetadataConflictError when one of them does not find what it expects; nothing has changed then
   */
  commit(operations: readonly MetadataOperation[]): Promise<readonly (MetadataEntry | undefined)[]>
  /** Calls `listener` with what has changed, in order and without gaps, until the returned function is called. */
  watch(listener: (changes: readonly MetadataChange[]) => void): () => void
  /** Ends the session: its ephemeral entries go. Idempotent. */
  close(): Promise<void>
}

export interface MetadataEntry {
  readonly key: string
  readonly value: string
  /** Counts the times that the entry was set, from 0. */
  readonly version: number
}

/**
 * One step of a commit. `create` needs the key to be free; an ephemeral entry goes with the session that made it.
 * `set` and `delete` need the key to be there, with `version` when one is given; `check` needs nothing else.
 */
export type MetadataOperation =
  | { readonly op: 'create'; readonly key: string; readonly value: string; readonly ephemeral?: boolean }
  | { readonly op: 'set'; readonly key: string; readonly value: string; readonly version?: number }
  | { readonly op: 'delete'; readonly key: string; readonly version?: number }
  | { readonly op: 'check'; readonly key: string; readonly version: number }

export interface MetadataChange {
  readonly key: string
  /** Undefined when the key is gone. */
  readonly entry: MetadataEntry | undefined
}

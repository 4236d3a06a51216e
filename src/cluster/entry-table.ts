import { MetadataConflictError } from '../base/errors.ts'
import type { MetadataChange, MetadataEntry, MetadataOperation } from './metadata-store.ts'

interface StoredEntry extends MetadataEntry {
  readonly ephemeral: boolean
}

/** What a commit changes, found out before anything is changed. */
export interface PlannedCommit {
  /** One for each key that changes, in the order of the first change. */
  readonly changes: readonly (MetadataChange & { readonly ephemeral: boolean })[]
  /** What each operation left at its key. */
  readonly results: readonly (MetadataEntry | undefined)[]
}

/** The entries of a metadata store in memory: decides commits, and applies them. Does no I/O. */
export class EntryTable {
  readonly #entries = new Map<string, StoredEntry>()

  get count(): number {
    return this.#entries.size
  }

  get(key: string): MetadataEntry | undefined {
    return this.#entries.get(key)
  }

  list(prefix: string): MetadataEntry[] {
    return [...this.#entries.values()]
      .filter(({ key }) => key.startsWith(prefix))
      .sort((a, b) => (a.key < b.key ? -1 : 1))
  }

  /** The entries that outlive their session. */
  lasting(): MetadataEntry[] {
    return [...this.#entries.values()].filter(({ ephemeral }) => !ephemeral)
  }

  /** Holds `operations` against the entries, each seeing what those before it did. Changes nothing. */
  plan(operations: readonly MetadataOperation[]): PlannedCommit {
    const pending = new Map<string, StoredEntry | undefined>()
    const results = operations.map((operation) => {
      const { key } = operation
      const found = pending.has(key) ? pending.get(key) : this.#entries.get(key)
      const left = outcome(operation, found)
      if (operation.op !== 'check') pending.set(key, left)
      return left
    })
    const changes = [...pending].map(([key, entry]) => ({
      key,
      entry,
      ephemeral: entry?.ephemeral ?? this.#entries.get(key)?.ephemeral ?? false,
    }))
    return { changes, results }
  }

  apply(changes: PlannedCommit['changes']): void {
    for (const { key, entry, ephemeral } of changes) {
      if (entry === undefined) this.#entries.delete(key)
      else this.#entries.set(key, { key, value: entry.value, version: entry.version, ephemeral })
    }
  }
}

function outcome(operation: MetadataOperation, found: StoredEntry | undefined): StoredEntry | undefined {
  const { op, key } = operation
  if (op === 'create') {
    if (found !== undefined) throw new MetadataConflictError(key, 'it exists already')
    return { key, value: operation.value, version: 0, ephemeral: operation.ephemeral ?? false }
  }
  if (found === undefined) throw new MetadataConflictError(key, 'it does not exist')
  if (operation.version !== undefined && operation.version !== found.version)
    throw new MetadataConflictError(key, `it has version ${found.version}, not ${operation.version}`)
  if (op === 'delete') return undefined
  return op === 'check' ? found : { ...found, value: operation.value, version: found.version + 1 }
}

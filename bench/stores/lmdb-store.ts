import { join } from 'node:path'
import type { Store, StoreKind } from './store.ts'

interface Database {
  put(key: number, value: Uint8Array): Promise<boolean>
  putSync(key: number, value: Uint8Array): void
  transactionSync(work: () => void): void
  get(key: number): Uint8Array | undefined
  getRange(options: object): Iterable<{ value: Uint8Array }>
  close(): Promise<void>
}

interface Module {
  open(options: object): Database
}

/** LMDB through lmdb: integer keys, binary values. */
export function lmdbStores(module: unknown): StoreKind[] {
  if (module === undefined) return []
  const lmdb = module as Module
  return [
    {
      name: 'lmdb',
      groupsCommits: true,
      open: (directory, durable) => openStore(lmdb.open(optionsOf(directory, durable))),
    },
  ]
}

/** Without `overlappingSync` a `put` resolves after the sync of its transaction, and not already when it is committed. */
function optionsOf(directory: string, durable: boolean): object {
  const durability = durable ? { overlappingSync: false } : { noSync: true }
  return {
    path: join(directory, 'log.mdb'),
    encoding: 'binary',
    keyEncoding: 'uint32',
    compression: false,
    ...durability,
  }
}

function openStore(database: Database): Store {
  let next = 0
  return {
    append: (values) =>
      database.transactionSync(() => values.forEach((value) => database.putSync(next++, value))),
    appendOne: async (value) => void (await database.put(next++, value)),
    readAll() {
      let bytes = 0
      for (const { value } of database.getRange({})) bytes += value.length
      return bytes
    },
    get: (offset) => database.get(offset),
    close: () => database.close(),
  }
}

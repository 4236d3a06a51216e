import { join } from 'node:path'
import type { Store, StoreKind } from './store.ts'

interface Options {
  readonly sync?: boolean
}

interface ValueIterator {
  /** Up to `size` values; none at the end. */
  nextv(size: number): Promise<Uint8Array[]>
  close(): Promise<void>
}

interface Database {
  open(): Promise<void>
  put(key: Uint8Array, value: Uint8Array, options: Options): Promise<void>
  batch(operations: readonly object[], options: Options): Promise<void>
  get(key: Uint8Array): Promise<Uint8Array | undefined>
  values(): ValueIterator
  close(): Promise<void>
}

interface Module {
  readonly ClassicLevel: new (path: string, options: object) => Database
}

/** LevelDB through classic-level: big-endian keys, so that they sort by number. */
export function levelStores(module: unknown): StoreKind[] {
  if (module === undefined) return []
  const { ClassicLevel } = module as Module
  const open = async (directory: string, durable: boolean): Promise<Store> => {
    const encodings = { keyEncoding: 'buffer', valueEncoding: 'buffer', compression: false }
    const database = new ClassicLevel(join(directory, 'log.level'), encodings)
    await database.open()
    return openStore(database, durable)
  }
  return [{ name: 'classic-level', groupsCommits: true, open }]
}

function openStore(database: Database, durable: boolean): Store {
  const options = { sync: durable }
  let next = 0
  return {
    append(values) {
      return database.batch(
        values.map((value) => ({ type: 'put', key: keyOf(next++), value })),
        options,
      )
    },
    appendOne: (value) => database.put(keyOf(next++), value, options),
    async readAll() {
      let bytes = 0
      const iterator = database.values()
      for (let values = await iterator.nextv(1000); values.length > 0; values = await iterator.nextv(1000))
        for (const value of values) bytes += value.length
      await iterator.close()
      return bytes
    },
    get: (offset) => database.get(keyOf(offset)),
    close: () => database.close(),
  }
}

function keyOf(offset: number): Buffer {
  const key = Buffer.allocUnsafe(8)
  key.writeBigUInt64BE(BigInt(offset))
  return key
}

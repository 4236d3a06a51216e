import { join } from 'node:path'
import type { Store, StoreKind } from './store.ts'

interface Statement {
  run(...values: unknown[]): unknown
  get(...values: unknown[]): unknown
  iterate(): IterableIterator<unknown>
  /** Rows as the value of their first column. */
  pluck(): Statement
}

interface Database {
  pragma(text: string): unknown
  exec(sql: string): unknown
  prepare(sql: string): Statement
  transaction<A>(work: (argument: A) => void): (argument: A) => void
  close(): void
}

/** SQLite through better-sqlite3: a table by rowid, write-ahead log, one transaction an append. */
export function sqliteStores(module: unknown): StoreKind[] {
  if (module === undefined) return []
  const Sqlite = module as new (path: string) => Database
  return [
    {
      name: 'better-sqlite3',
      groupsCommits: false,
      open: (directory, durable) => openStore(new Sqlite(join(directory, 'log.sqlite')), durable),
    },
  ]
}

function openStore(database: Database, durable: boolean): Store {
  database.pragma('journal_mode = WAL')
  database.pragma(`synchronous = ${durable ? 'FULL' : 'OFF'}`)
  database.exec('CREATE TABLE log (position INTEGER PRIMARY KEY, value BLOB NOT NULL)')
  const insert = database.prepare('INSERT INTO log (value) VALUES (?)')
  const select = database.prepare('SELECT value FROM log ORDER BY position').pluck()
  const selectOne = database.prepare('SELECT value FROM log WHERE position = ?').pluck()
  const append = database.transaction((values: readonly Uint8Array[]) => {
    for (const value of values) insert.run(value)
  })
  return {
    append,
    appendOne: (value) => Promise.resolve(append([value])),
    readAll() {
      let bytes = 0
      for (const value of select.iterate()) bytes += (value as Uint8Array).length
      return bytes
    },
    // Rows count from 1.
    get: (offset) => selectOne.get(offset + 1) as Uint8Array | undefined,
    close: () => database.close(),
  }
}

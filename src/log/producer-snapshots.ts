import { join } from 'node:path'
import type { Files } from '../env/env.ts'
import type { Decoded } from './decoded.ts'
import { segmentFileName } from './file-names.ts'
import { decodeProducerSnapshot, encodeProducerSnapshot } from './producer-snapshot.ts'
import { type ProducerEntry, ProducerTable } from './producer-table.ts'
import { readWhole, writeInPlace } from './replace-file.ts'

/** 46 bytes per producer: some twenty million of them. */
const snapshotBytesMax = 1024 * 1024 * 1024

/**
 * The `.snapshot` files of one partition: the producer table as it was at the offset in the name, so that it need
 * not be replayed from the beginning of the log. Derived; a damaged one counts for nothing.
 */
export class ProducerSnapshots {
  readonly #files: Files
  readonly #directory: string
  /** Offsets of those on the disk. */
  readonly #offsets: Set<number>

  constructor(files: Files, directory: string, offsets: Iterable<number>) {
    this.#files = files
    this.#directory = directory
    this.#offsets = new Set(offsets)
  }

  get offsets(): readonly number[] {
    return [...this.#offsets].sort((a, b) => a - b)
  }

  has(offset: number): boolean {
    return this.#offsets.has(offset)
  }

  path(offset: number): string {
    return join(this.#directory, segmentFileName(offset, '.snapshot'))
  }

  load(offset: number): Decoded<ProducerEntry[]> {
    const bytes = readWhole(this.#files, this.path(offset), snapshotBytesMax)
    return bytes === undefined ? { fault: 'it is missing' } : decodeProducerSnapshot(bytes)
  }

  /** The table as it was at `offset`, if its snapshot can be read. */
  tableAt(offset: number): ProducerTable | undefined {
    if (!this.#offsets.has(offset)) return undefined
    const { value } = this.load(offset)
    if (value === undefined) return undefined
    const table = new ProducerTable()
    table.load(value)
    return table
  }

  /** Whether the snapshot for `offset` is there and says what `table` does. */
  holds(offset: number, table: ProducerTable): boolean {
    if (!this.#offsets.has(offset)) return false
    const bytes = readWhole(this.#files, this.path(offset), snapshotBytesMax)
    return bytes?.equals(encodeProducerSnapshot(table.entries())) === true
  }

  /** Writes the snapshot for `offset`; not synced. Returns its path. */
  write(offset: number, table: ProducerTable): string {
    const path = this.path(offset)
    writeInPlace(this.#files, path, encodeProducerSnapshot(table.entries()))
    this.#offsets.add(offset)
    return path
  }

  /** Removes those for which `stale` says so; returns their paths. */
  removeWhere(stale: (offset: number) => boolean): string[] {
    const removed: string[] = []
    for (const offset of this.offsets) {
      if (!stale(offset)) continue
      this.#files.removeSync(this.path(offset))
      this.#offsets.delete(offset)
      removed.push(this.path(offset))
    }
    return removed
  }
}

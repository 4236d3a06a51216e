import { ClosedError, CorruptionError } from '../base/errors.ts'
import { SerialQueue } from '../base/serial-queue.ts'
import type { RecordInput } from '../batch/record-input.ts'
import type { Env } from '../env/env.ts'
import { type Log, openLog } from '../log/log.ts'
import { EntryTable, type PlannedCommit } from './entry-table.ts'
import { decodeChange, encodeChange, type KeyChange } from './metadata-record.ts'
import type { MetadataChange, MetadataEntry, MetadataOperation, MetadataStore } from './metadata-store.ts'

/** In a data directory: a log as any other. Kafka takes it for a partition that it does not know. */
export const localMetadataDirectory = '__tidemark_metadata-0'

/** Records that say what no longer holds may make up so many before the log is written anew. */
const staleRecordsMax = 10_000

/**
 * The metadata of a cluster of one: an append-only log of changes in `directory`, and all of it in memory. A commit
 * is one batch, durable before it is seen. When most of the log is history, what holds is written once more as one
 * batch, and all before it is trimmed.
 */
export class LocalMetadataStore implements MetadataStore {
  readonly #log: Log
  readonly #table: EntryTable
  readonly #commits = new SerialQueue()
  readonly #listeners = new Set<(changes: readonly MetadataChange[]) => void>()
  #closing: Promise<void> | undefined

  private constructor(log: Log, table: EntryTable) {
    this.#log = log
    this.#table = table
  }

  /**
   * Opens or creates the store in `directory`, whose lock the caller need not hold.
   *
   * @throws as `openLog` does, and CorruptionError for a record that is none of ours
   */
  static async open(directory: string, env: Env): Promise<LocalMetadataStore> {
    const log = await openLog(directory, {
      env,
      durability: 'sync',
      maxMessageBytes: 64 * 1024 * 1024,
      segmentBytes: 128 * 1024 * 1024,
      scrubBytesPerSecond: 0,
      maxOpenFiles: 8,
    })
    try {
      const table = new EntryTable()
      for await (const record of log.read()) {
        const change = decodeChange(record)
        if (change === undefined)
          throw new CorruptionError(directory, -1, `the record at offset ${record.offset} is no metadata`)
        table.apply([{ ...change, ephemeral: false }])
      }
      const store = new LocalMetadataStore(log, table)
      await store.#compactIfStale()
      return store
    } catch (error) {
      await log.close()
      throw error
    }
  }

  /** True when nothing was ever committed. */
  get isBlank(): boolean {
    return this.#log.endOffset === 0
  }

  async get(key: string): Promise<MetadataEntry | undefined> {
    this.#mustBeOpen()
    return this.#table.get(key)
  }

  async list(prefix: string): Promise<readonly MetadataEntry[]> {
    this.#mustBeOpen()
    return this.#table.list(prefix)
  }

  commit(operations: readonly MetadataOperation[]): Promise<readonly (MetadataEntry | undefined)[]> {
    return this.#commits.run(async () => {
      this.#mustBeOpen()
      const { changes, results } = this.#table.plan(operations)
      await this.#append(changes.filter(({ ephemeral }) => !ephemeral))
      this.#table.apply(changes)
      this.#tell(changes)
      return results
    })
  }

  watch(listener: (changes: readonly MetadataChange[]) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  close(): Promise<void> {
    this.#closing ??= this.#commits.run(() => this.#log.close())
    return this.#closing
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #append(changes: readonly KeyChange[]): Promise<void> {
    const records: RecordInput[] = changes.map(encodeChange)
    if (records.length > 0) await this.#log.append(records)
  }

  #tell(changes: PlannedCommit['changes']): void {
    if (changes.length > 0) for (const listener of [...this.#listeners]) listener(changes)
  }

  /** A crash between the two leaves the whole history and what holds behind it, which says the same. */
  async #compactIfStale(): Promise<void> {
    const lasting = this.#table.lasting()
    const recordCount = this.#log.endOffset - this.#log.startOffset
    if (recordCount - lasting.length < staleRecordsMax) return
    const { baseOffset } = await this.#log.append(
      lasting.map((entry) => encodeChange({ key: entry.key, entry })),
    )
    await this.#log.trim(baseOffset)
  }

  #mustBeOpen(): void {
    if (this.#closing !== undefined) throw new ClosedError('the metadata store is closed')
  }
}

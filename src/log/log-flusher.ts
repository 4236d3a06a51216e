import { PoisonedError } from '../base/errors.ts'
import type { Files } from '../env/env.ts'
import { channels } from './channels.ts'
import type { CleanShutdownMark } from './clean-shutdown-mark.ts'
import type { DurablePoint, DurablePointStore } from './durable-point.ts'
import type { FilePool, PinnedFile } from './file-pool.ts'
import type { LogState } from './log-state.ts'
import type { SegmentStorage } from './segment-storage.ts'
import { storageError } from './storage-error.ts'

/**
 * Makes what was written durable. Knows which files and whether the directory have changes that were not
 * synced, and syncs them together: one sync per file in flight, shared by everyone who asked before it began.
 *
 * A failed sync poisons the log: the kernel may have dropped the pages it could not write and marked them
 * clean, so that trying again would succeed without the data. Only reopening, which reads the disk, helps.
 */
export class LogFlusher {
  readonly #cleanShutdown: CleanShutdownMark
  readonly #directory: string
  readonly #files: Files
  readonly #pool: FilePool
  readonly #state: LogState
  readonly #durablePoint: DurablePointStore
  readonly #unsynced = new Set<string>()
  #directoryChanged = false
  #running: Promise<void> | undefined
  #queued: Promise<void> | undefined
  #poison: PoisonedError | undefined

  constructor(given: { storage: SegmentStorage; state: LogState; durablePoint: DurablePointStore }) {
    const { directory, files, pool, cleanShutdown } = given.storage
    this.#cleanShutdown = cleanShutdown
    this.#directory = directory
    this.#files = files
    this.#pool = pool
    this.#state = given.state
    this.#durablePoint = given.durablePoint
  }

  /** Why the log refuses writes; undefined while it does not. */
  get poison(): PoisonedError | undefined {
    return this.#poison
  }

  /** `path` was written to. */
  changed(path: string): void {
    this.#unsynced.add(path)
  }

  /** A file was created, renamed or removed. */
  directoryChanged(): void {
    this.#directoryChanged = true
  }

  /** `path` is gone: nothing of it needs to be synced any more. */
  forget(path: string): void {
    this.#unsynced.delete(path)
  }

  /** After this no write is accepted. The first cause is kept. */
  poisonWith(doing: string, cause: unknown): PoisonedError {
    this.#poison ??= new PoisonedError(
      `${doing} failed, so it is not known what the disk holds. ` +
        'The log takes no more writes: close it and open it again, which verifies what is there',
      { cause },
    )
    return this.#poison
  }

  /** Whether nothing of the log was changed since it was closed cleanly. */
  get isUnchanged(): boolean {
    return this.#cleanShutdown.stands
  }

  /**
   * To be awaited before the log is changed: before its first change the clean-shutdown file goes, durably. Nothing has
   * changed when it throws StorageError or PoisonedError.
   */
  async beginChange(): Promise<void> {
    const mark = this.#cleanShutdown
    try {
      await mark.withdraw()
    } catch (error) {
      const doing = 'removing the clean-shutdown file'
      throw mark.isInDoubt ? this.poisonWith(doing, error) : storageError(doing, error)
    }
  }

  /** Everything written before the call is durable when it resolves. Rejects with PoisonedError. */
  flush(): Promise<void> {
    if (this.#running === undefined) {
      this.#running = this.#run().finally(() => {
        this.#running = undefined
      })
      return this.#running
    }
    // The sync that runs may have begun before the last write: one more, which all who wait share.
    this.#queued ??= this.#running.then(() => {
      this.#queued = undefined
      return this.flush()
    })
    return this.#queued
  }

  async #run(): Promise<void> {
    if (this.#poison !== undefined) throw this.#poison
    const { active } = this.#state.segments
    const point = { offset: active.nextOffset, baseOffset: active.baseOffset, sizeBytes: active.sizeBytes }
    const { cuts } = this.#state
    try {
      await this.#sync()
    } catch (error) {
      throw this.poisonWith('syncing to the disk', error)
    }
    if (cuts !== this.#state.cuts || point.offset <= this.#state.durableOffset) return
    this.#state.durableOffset = point.offset
    this.#durablePoint.store(point)
  }

  async #sync(): Promise<void> {
    const paths = [...this.#unsynced]
    const syncDirectory = this.#directoryChanged
    this.#unsynced.clear()
    this.#directoryChanged = false
    const pins: PinnedFile[] = []
    try {
      for (const path of paths) pins.push(this.#pool.pin(path, 'write'))
      await Promise.all(pins.map((pin) => pin.file.sync()))
      if (syncDirectory) await this.#files.syncDirectory(this.#directory)
    } finally {
      for (const pin of pins) pin.release()
    }
    if (channels.flush.hasSubscribers)
      channels.flush.publish({ directory: this.#directory, files: paths.length })
  }

  /** As {@link flush}, and whoever opens the log after a power cut will know it. While nothing is written. */
  async flushForGood(): Promise<void> {
    await this.flush()
    const { nextOffset, baseOffset, sizeBytes } = this.#state.segments.active
    this.#durablePoint.storeDurably({ offset: nextOffset, baseOffset, sizeBytes })
  }

  /** The log is about to be cut back to `point`, beyond which nothing is durable then. Throws when the disk refuses. */
  lowerPoint(point: DurablePoint): void {
    // A lower point than that holds already: what lies between may not be durable.
    if (point.offset >= this.#state.durableOffset) return
    this.#state.durableOffset = point.offset
    this.#durablePoint.storeDurably(point)
  }
}

import { join } from 'node:path'
import type { CleanedSegment } from './cleaned-segment.ts'
import type { DeletedFiles } from './deleted-files.ts'
import { segmentFileName } from './file-names.ts'
import type { LogFlusher } from './log-flusher.ts'
import type { LogState } from './log-state.ts'
import type { ProducerSnapshots } from './producer-snapshots.ts'
import { RenameJournal } from './rename-journal.ts'
import { SealLedger } from './seal-ledger.ts'
import { indexKinds, type Segment } from './segment.ts'
import type { SegmentStorage } from './segment-storage.ts'
import { operatingError } from './storage-error.ts'

const doing = 'putting a compacted segment in place'

const replacedKinds = ['.log', ...indexKinds] as const

/**
 * Puts a cleaned segment in the place of those it was made from, by the steps of Kafka's replaceSegments, so that
 * either of the two finishes, or undoes, what the other was interrupted in:
 *
 * 1. Nothing durable names what is about to go: the durable point moves to the active segment.
 * 2. `.cleaned` becomes `.swap`, the `.log` first, and the directory is synced. A crash before that leaves the old
 *    segments alone; after it the replacement is carried through.
 * 3. The old files become `.deleted`, and the directory is synced: were a later old segment still there beside the
 *    new one under its final name, its records would come back.
 * 4. `.swap` becomes the final name, the `.log` first, durably: while there is a `.log.swap`, indexes under their final
 *    names are old ones. From here on the log shows the new segment; readers look it up anew, and those in flight
 *    finish on the old files.
 *
 * Steps 3 and 4 are one synchronous function, so nobody finds a name without a file.
 */
export class SegmentSwap {
  readonly #state: LogState
  readonly #storage: SegmentStorage
  readonly #flusher: LogFlusher
  readonly #deleted: DeletedFiles
  readonly #snapshots: ProducerSnapshots
  readonly #seals: SealLedger

  constructor(given: {
    state: LogState
    storage: SegmentStorage
    flusher: LogFlusher
    deleted: DeletedFiles
    snapshots: ProducerSnapshots
  }) {
    this.#state = given.state
    this.#storage = given.storage
    this.#flusher = given.flusher
    this.#deleted = given.deleted
    this.#snapshots = given.snapshots
    this.#seals = new SealLedger(given.storage)
  }

  /**
   * While nothing is written. After a failure the log is as it was and the output has its old names again; but it is
   * poisoned if a sync failed, or if something could not be taken back.
   *
   * @throws StorageError, PoisonedError
   */
  async swap(cleaned: CleanedSegment, old: readonly Segment[]): Promise<void> {
    await this.#flusher.beginChange()
    await this.#flusher.flushForGood()
    const [first] = old
    const readied = new RenameJournal(this.#storage.files)
    try {
      // What the segments are about to become must not be taken for what they were.
      if (first !== undefined) this.#seals.forgetFrom(first.baseOffset)
      for (const kind of cleaned.kinds)
        readied.rename(cleaned.path(kind, 'cleaned'), cleaned.path(kind, 'swap'))
      await this.#syncDirectory()
      this.#replace(cleaned, old)
    } catch (error) {
      this.#takeBack(readied)
      throw operatingError(doing, error)
    }
    this.#removeSnapshots(old)
    await this.#syncDirectory()
    await this.#seals.settle([...this.#state.segments].slice(0, -1))
  }

  #replace(cleaned: CleanedSegment, old: readonly Segment[]): void {
    const renames = new RenameJournal(this.#storage.files)
    const deleted: string[] = []
    try {
      for (const segment of old) deleted.push(...this.#setAside(segment, renames))
      this.#syncDirectoryNow()
      for (const kind of cleaned.kinds) {
        renames.rename(cleaned.path(kind, 'swap'), cleaned.path(kind, 'current'))
        if (kind === '.log') this.#syncDirectoryNow()
      }
    } catch (error) {
      this.#takeBack(renames)
      // Durable again before the `.swap` goes, or a power cut could leave neither.
      this.#syncDirectoryNow()
      throw error
    }
    this.#state.segments.replace(old, cleaned.seal())
    this.#state.cuts++
    for (const segment of old) this.#storage.indexCache.expel(segment)
    this.#deleted.add(deleted)
  }

  /** Renames the files of a segment to `.deleted`. Returns their new paths. */
  #setAside(segment: Segment, renames: RenameJournal): string[] {
    const { files, pool, directory } = this.#storage
    const deleted: string[] = []
    for (const kind of replacedKinds) {
      const path = segment.path(kind)
      pool.drop(path)
      if (files.statSync(path) === undefined) continue
      const target = join(directory, segmentFileName(segment.baseOffset, kind, 'deleted'))
      renames.rename(path, target)
      deleted.push(target)
    }
    return deleted
  }

  #takeBack(renames: RenameJournal): void {
    try {
      renames.undo()
      this.#flusher.directoryChanged()
    } catch (error) {
      throw this.#flusher.poisonWith(doing, error)
    }
  }

  async #syncDirectory(): Promise<void> {
    this.#flusher.directoryChanged()
    await this.#flusher.flush()
  }

  #syncDirectoryNow(): void {
    try {
      this.#storage.files.syncDirectorySync(this.#storage.directory)
    } catch (error) {
      throw this.#flusher.poisonWith('syncing to the disk', error)
    }
  }

  /** The snapshots where segments began that do not any more. One that stays is removed by the next open. */
  #removeSnapshots([, ...others]: readonly Segment[]): void {
    const bases = new Set(others.map(({ baseOffset }) => baseOffset))
    try {
      for (const path of this.#snapshots.removeWhere((offset) => bases.has(offset))) {
        this.#flusher.forget(path)
        this.#storage.pool.drop(path)
      }
    } catch {
      // It costs room and nothing else.
    }
  }
}

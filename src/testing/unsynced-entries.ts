import type { CrashChooser } from './crash-chooser.ts'
import {
  type EntryOperation,
  isRelated,
  type MemoryDirectory,
  type MemoryNode,
  place,
} from './memory-directory.ts'

/**
 * In which order changes of directories reach the disk without a sync.
 *
 * - `journaled`: as they were made, a cut leaving a prefix of them. So do ext4 and XFS.
 * - `free` (the default): in any order, except that operations on one name or one file keep theirs, and that each
 *   is atomic. All that POSIX file systems promise; btrfs comes close to it.
 */
export type EntryOrder = 'journaled' | 'free'

/** The creates, renames and removes that no directory sync has made durable yet, in order. */
export class UnsyncedEntries {
  readonly order: EntryOrder
  #operations: EntryOperation[] = []

  constructor(order: EntryOrder) {
    this.order = order
  }

  record(operation: EntryOperation): void {
    this.#operations.push(operation)
  }

  /** All operations recorded so far: what a directory sync that begins now may cover. */
  recorded(): readonly EntryOperation[] {
    return [...this.#operations]
  }

  /**
   * Makes durable those of `candidates` that concern `directory`, with the earlier ones they rest on. A rename
   * between two directories is durable once either is synced.
   */
  sync(directory: MemoryDirectory, candidates: readonly EntryOperation[]): void {
    const pending = new Set(this.#operations)
    const covered: EntryOperation[] = []
    for (const operation of candidates.toReversed()) {
      if (!pending.has(operation)) continue
      const concerns = operation.placements.some((placement) => placement.directory === directory)
      if (concerns || covered.some((later) => isRelated(operation, later))) covered.push(operation)
    }
    for (const operation of covered.toReversed()) makeDurable(operation)
    const done = new Set(covered)
    this.#operations = this.#operations.filter((operation) => !done.has(operation))
  }

  /** The entries of every directory after a power cut. */
  afterCrash(chooser: CrashChooser): (directory: MemoryDirectory) => ReadonlyMap<string, MemoryNode> {
    const changed = new Map<MemoryDirectory, Map<string, MemoryNode>>()
    for (const { placements } of this.#survivors(chooser)) {
      for (const placement of placements) {
        const { directory } = placement
        const entries = changed.get(directory) ?? new Map(directory.durableEntries)
        changed.set(directory, entries)
        place(entries, placement)
      }
    }
    return (directory) => changed.get(directory) ?? directory.durableEntries
  }

  #survivors(chooser: CrashChooser): EntryOperation[] {
    const lost: EntryOperation[] = []
    const rests = (operation: EntryOperation) =>
      this.order === 'journaled' ? lost.length > 0 : lost.some((earlier) => isRelated(earlier, operation))
    return this.#operations.filter((operation) => {
      const survives = !rests(operation) && chooser.choose(2, { about: 'entry', path: operation.path }) === 1
      if (!survives) lost.push(operation)
      return survives
    })
  }
}

function makeDurable(operation: EntryOperation): void {
  for (const placement of operation.placements) place(placement.directory.durableEntries, placement)
}

import { dirname } from 'node:path'
import type { File, Files, OpenMode } from '../env/env.ts'

interface Entry {
  readonly file: File
  readonly mode: OpenMode
  pins: number
  /** Dropped from the pool while pinned: closed with its last pin. */
  dropped: boolean
}

/** Keeps a {@link File} open across an await. */
export interface PinnedFile {
  readonly file: File
  release(): void
}

/**
 * Open files by path, at most `limit` of them: the least recently used is closed for the next. A log of ten
 * thousand segments, or a server of ten thousand partitions, so needs a bounded number of descriptors.
 *
 * A file from {@link get} may be used until the caller next returns to the event loop; one that is used across
 * an await is pinned.
 */
export class FilePool {
  readonly #files: Files
  readonly #limit: number
  /** In the order of last use: a Map iterates in insertion order, and a hit is re-inserted. */
  readonly #open = new Map<string, Entry>()

  constructor(files: Files, limit: number) {
    this.#files = files
    this.#limit = limit
  }

  get openCount(): number {
    return this.#open.size
  }

  /** The file at `path`, opened if need be. `'write'` creates it when absent. */
  get(path: string, mode: OpenMode = 'read'): File {
    return this.#entry(path, mode).file
  }

  pin(path: string, mode: OpenMode = 'read'): PinnedFile {
    const entry = this.#entry(path, mode)
    entry.pins++
    let released = false
    return {
      file: entry.file,
      release: () => {
        if (released) return
        released = true
        entry.pins--
        if (entry.dropped && entry.pins === 0) closeQuietly(entry.file)
      },
    }
  }

  /** Forgets `path`, because the file is about to be renamed, removed or replaced. */
  drop(path: string): void {
    const entry = this.#open.get(path)
    if (entry === undefined) return
    this.#open.delete(path)
    this.#close(entry)
  }

  /** Forgets every file in `directory`: its log is closed. */
  dropDirectory(directory: string): void {
    for (const path of [...this.#open.keys()]) if (dirname(path) === directory) this.drop(path)
  }

  #entry(path: string, mode: OpenMode): Entry {
    const found = this.#open.get(path)
    if (found !== undefined) {
      this.#open.delete(path)
      if (mode === 'read' || found.mode !== 'read') {
        this.#open.set(path, found)
        return found
      }
      this.#close(found)
    }
    this.#makeRoom()
    const entry = { file: this.#files.openSync(path, mode), mode, pins: 0, dropped: false }
    this.#open.set(path, entry)
    return entry
  }

  #makeRoom(): void {
    for (const [path, entry] of this.#open) {
      if (this.#open.size < this.#limit) return
      if (entry.pins > 0) continue
      this.#open.delete(path)
      this.#close(entry)
    }
  }

  #close(entry: Entry): void {
    if (entry.pins > 0) entry.dropped = true
    else closeQuietly(entry.file)
  }
}

/** The descriptor is gone even when this fails, and what was written is safe once it was synced, which the log sees to. */
function closeQuietly(file: File): void {
  try {
    file.closeSync()
  } catch {
    // Whoever asked for room, or for another file, is not to fail for it.
  }
}

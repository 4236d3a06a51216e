import { posix, sep } from 'node:path'
import { type ErrorPaths, systemError } from '../env/system-error.ts'
import type { CrashChooser } from './crash-chooser.ts'
import { MemoryDirectory, type MemoryNode, type Placement, place } from './memory-directory.ts'
import { type DiskSpace, MemoryInode } from './memory-inode.ts'
import { type EntryOrder, UnsyncedEntries } from './unsynced-entries.ts'

/** Where a path's last name is, or would be. */
export interface Slot {
  readonly directory: MemoryDirectory
  readonly name: string
  readonly node: MemoryNode | undefined
}

/** The names of a file system in memory, as POSIX has them, without links. */
export class MemoryTree {
  readonly #root: MemoryDirectory
  /** Absent when nobody will ask what a power cut would leave. */
  readonly #unsynced: UnsyncedEntries | undefined
  readonly #nowMs: () => number

  constructor(nowMs: () => number, order: EntryOrder | undefined, root = new MemoryDirectory(nowMs())) {
    this.#nowMs = nowMs
    this.#root = root
    this.#unsynced = order && new UnsyncedEntries(order)
  }

  /** What `path` names, or `undefined`; throws `ENOTDIR` when the way leads through a file. */
  find(path: string, syscall: string, paths: ErrorPaths = { path }): MemoryNode | undefined {
    let node: MemoryNode | undefined = this.#root
    for (const name of namesIn(path)) {
      if (node === undefined) return undefined
      if (!(node instanceof MemoryDirectory)) throw systemError('ENOTDIR', syscall, paths)
      node = node.entries.get(name)
    }
    return node
  }

  /** The directory at `path`; throws `ENOENT` or `ENOTDIR`. */
  directory(path: string, syscall: string, paths: ErrorPaths = { path }): MemoryDirectory {
    const node = this.find(path, syscall, paths)
    if (node instanceof MemoryDirectory) return node
    throw systemError(node ? 'ENOTDIR' : 'ENOENT', syscall, paths)
  }

  /** The place of `path` in its directory, which must exist. */
  slot(path: string, syscall: string, paths: ErrorPaths = { path }): Slot {
    const names = namesIn(path)
    const name = names.at(-1)
    if (name === undefined) throw systemError('EBUSY', syscall, paths)
    const directory = this.directory(names.slice(0, -1).join('/'), syscall, paths)
    return { directory, name, node: directory.entries.get(name) }
  }

  /** Gives `node` the free name of `slot`. */
  create(path: string, slot: Slot, node: MemoryNode): void {
    this.#perform(path, [{ ...slot, node }], [node])
    if (node instanceof MemoryInode) node.hold()
  }

  /** Takes a name away. */
  remove(path: string, slot: Slot): void {
    if (!slot.node) return
    this.#perform(path, [{ ...slot, node: undefined }], [slot.node])
    if (slot.node instanceof MemoryInode) slot.node.release()
  }

  /** Takes away a directory and all below it, name by name from below, as the system does. */
  removeAll(path: string, slot: Slot): void {
    if (slot.node instanceof MemoryDirectory) {
      for (const [name, node] of slot.node.entries) {
        this.removeAll(`${path}/${name}`, { directory: slot.node, name, node })
      }
    }
    this.remove(path, slot)
  }

  /** Creates a directory and its parents, as far as they are missing. */
  makeDirectories(path: string): void {
    let directory = this.#root
    let at = ''
    for (const name of namesIn(path)) {
      at += `/${name}`
      const existing = directory.entries.get(name)
      const node = existing ?? new MemoryDirectory(this.#nowMs())
      if (!(node instanceof MemoryDirectory)) {
        throw systemError(at === normalPath(path) ? 'EEXIST' : 'ENOTDIR', 'mkdir', { path })
      }
      if (!existing) this.create(at, { directory, name, node }, node)
      directory = node
    }
  }

  /** Moves what `source` names to `target`, in the place of what is there. */
  rename(path: string, source: Slot, target: Slot): void {
    if (!source.node || source.node === target.node) return
    const placements = [
      { ...source, node: undefined },
      { ...target, node: source.node },
    ]
    this.#perform(path, placements, target.node ? [source.node, target.node] : [source.node])
    if (target.node instanceof MemoryInode) target.node.release()
  }

  /** Begins a directory sync: returns what completes it. */
  beginSync(directory: MemoryDirectory): () => void {
    const candidates = this.#unsynced?.recorded() ?? []
    return () => this.#unsynced?.sync(directory, candidates)
  }

  /** The tree after a power cut, on a disk with `space`. */
  afterCrash(chooser: CrashChooser, space: DiskSpace): MemoryTree {
    if (!this.#unsynced) throw new TypeError('crash(): these files were created with { crashable: false }')
    const entriesOf = this.#unsynced.afterCrash(chooser)
    const rebuild = (directory: MemoryDirectory, path: string): MemoryDirectory => {
      const entries = new Map<string, MemoryNode>()
      for (const [name, node] of entriesOf(directory)) {
        const child = `${path}/${name}`
        const isFile = node instanceof MemoryInode
        entries.set(name, isFile ? node.afterCrash(chooser, child, space) : rebuild(node, child))
      }
      for (const node of entries.values()) if (node instanceof MemoryInode) node.hold()
      return new MemoryDirectory(directory.modifiedMs, entries)
    }
    return new MemoryTree(this.#nowMs, this.#unsynced.order, rebuild(this.#root, ''))
  }

  #perform(path: string, placements: readonly Placement[], nodes: readonly MemoryNode[]): void {
    for (const placement of placements) {
      place(placement.directory.entries, placement)
      placement.directory.modifiedMs = this.#nowMs()
    }
    this.#unsynced?.record({ path, placements, nodes })
  }
}

/** One spelling for all the spellings of a path. Relative paths start at the root. */
export function normalPath(path: string): string {
  return `/${namesIn(path).join('/')}`
}

/** The names along a path, from the root. Tests name the same paths millions of times. */
function namesIn(path: string): readonly string[] {
  const known = splitPaths.get(path)
  if (known !== undefined) return known
  const normal = posix.normalize(`/${path.replaceAll(sep, '/')}`)
  const names = normal.split('/').filter((name) => name !== '')
  if (splitPaths.size >= splitPathsMax) splitPaths.clear()
  splitPaths.set(path, names)
  return names
}

const splitPathsMax = 4096
const splitPaths = new Map<string, readonly string[]>()

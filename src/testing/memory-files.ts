import { LockedError } from '../base/errors.ts'
import type { Clock, File, FileStat, Files, Lock, OpenMode, Watch } from '../env/env.ts'
import { nodeClock } from '../env/node-clock.ts'
import { systemError } from '../env/system-error.ts'
import { turn } from '../env/turn.ts'
import type { CrashChooser } from './crash-chooser.ts'
import { holds, MemoryDirectory } from './memory-directory.ts'
import { MemoryFile, type MemoryFileHost } from './memory-file.ts'
import { DiskSpace, MemoryInode } from './memory-inode.ts'
import { MemoryTree, normalPath, type Slot } from './memory-tree.ts'
import type { EntryOrder } from './unsynced-entries.ts'

export interface MemoryFilesOptions {
  /** Where modified times, and the turns that asynchronous calls wait for, come from. Default: the real clock. */
  readonly clock?: Clock
  /** How much the files may hold together, in bytes, before writes fail with `ENOSPC`. Default: no limit. */
  readonly capacityBytes?: number
  /** How a power cut treats unsynced creates, renames and removes. Default: `free`, the least promising. */
  readonly entryOrder?: EntryOrder
  /** Keeps track of what a power cut would leave, at twice the memory. Default: true. */
  readonly crashable?: boolean
}

/** What outlives the process that uses it: the disk. */
interface Disk {
  readonly tree: MemoryTree
  readonly space: DiskSpace
  readonly isCrashable: boolean
}

/**
 * A file system in memory that behaves as POSIX has it: open files survive their renaming and removal, failures
 * carry the codes of the system. It knows at every moment what a power cut would leave ({@link crash}) and what
 * the death of the process would ({@link kill}).
 *
 * What is durable: of a file the content at its last sync, of a directory the entries at its last sync. A synced
 * file whose directory was never synced may be gone, name and all. What was not synced survives or not, piece by
 * piece, as a {@link CrashChooser} says. Modified times always survive, which no real disk promises.
 */
export class MemoryFiles implements Files {
  readonly #options: MemoryFilesOptions
  readonly #clock: Clock
  readonly #host: MemoryFileHost
  readonly #openFiles = new Set<MemoryFile>()
  /** The lock that holds each locked path. */
  readonly #locks = new Map<string, Lock>()
  readonly #watchers = new Set<() => void>()
  #isNoticeDue = false
  #disk: Disk
  /** In the other states every call is refused, so that what still runs of the dead process cannot write. */
  #state: 'alive' | 'cut' | 'killed' = 'alive'

  constructor(options: MemoryFilesOptions = {}) {
    const { clock = nodeClock(), capacityBytes = Infinity, entryOrder = 'free', crashable = true } = options
    const tree = new MemoryTree(() => clock.nowMs(), crashable ? entryOrder : undefined)
    this.#options = options
    this.#clock = clock
    this.#disk = { tree, space: new DiskSpace(capacityBytes), isCrashable: crashable }
    this.#host = {
      clock,
      assertAlive: (syscall) => this.#assertAlive(syscall),
      onChange: () => this.#onChange(),
      onClose: (file) => this.#openFiles.delete(file),
    }
  }

  /** How much the files may hold together. May be changed at any time, to fill the disk or make room on it. */
  get capacityBytes(): number {
    return this.#disk.space.capacityBytes
  }

  set capacityBytes(capacityBytes: number) {
    this.#disk.space.capacityBytes = capacityBytes
  }

  /**
   * Cuts the power: this file system refuses all further calls (`ESTALE`), and the one returned holds what
   * `chooser` says the disk still has. Locks are gone. May be called again with another chooser, for another
   * outcome of the same cut.
   */
  crash(chooser: CrashChooser): MemoryFiles {
    const left = this.imagineCrash(chooser)
    this.#die('cut')
    return left
  }

  /** What {@link crash} would leave at this moment, while this file system goes on: to look at many outcomes of many cuts. */
  imagineCrash(chooser: CrashChooser): MemoryFiles {
    if (this.#state === 'killed')
      throw new TypeError('crash(): kill() has given the disk to what it returned')
    const space = new DiskSpace(this.capacityBytes)
    const tree = this.#disk.tree.afterCrash(chooser, space)
    return this.#reborn({ tree, space, isCrashable: true })
  }

  /** Kills the process: like {@link crash}, but all that was written is still there, synced or not. */
  kill(): MemoryFiles {
    this.#assertAlive('kill')
    this.#die('killed')
    return this.#reborn(this.#disk)
  }

  openSync(path: string, mode: OpenMode): File {
    this.#assertAlive('open', path)
    const slot = this.#disk.tree.slot(path, 'open')
    if (mode === 'create' && slot.node) throw systemError('EEXIST', 'open', { path })
    if (mode === 'read' && !slot.node) throw systemError('ENOENT', 'open', { path })
    if (slot.node instanceof MemoryDirectory) throw systemError('EISDIR', 'open', { path })
    const file = new MemoryFile(path, slot.node ?? this.#createFile(path, slot), mode, this.#host)
    this.#openFiles.add(file)
    return file
  }

  listSync(directory: string): string[] {
    this.#assertAlive('scandir', directory)
    return [...this.#disk.tree.directory(directory, 'scandir').entries.keys()]
  }

  statSync(path: string): FileStat | undefined {
    this.#assertAlive('stat', path)
    const node = this.#disk.tree.find(path, 'stat')
    if (!node) return undefined
    const { modifiedMs } = node
    if (node instanceof MemoryDirectory) return { kind: 'directory', sizeBytes: 0, modifiedMs }
    return { kind: 'file', sizeBytes: node.sizeBytes, modifiedMs }
  }

  renameSync(source: string, target: string): void {
    this.#assertAlive('rename', source)
    const paths = { path: source, dest: target }
    const from = this.#disk.tree.slot(source, 'rename', paths)
    const to = this.#disk.tree.slot(target, 'rename', paths)
    const refusal = renameRefusal(from, to)
    if (refusal) throw systemError(refusal, 'rename', paths)
    this.#disk.tree.rename(`${source} -> ${target}`, from, to)
    this.#onChange()
  }

  removeSync(path: string): void {
    this.#assertAlive('unlink', path)
    const node = this.#disk.tree.find(path, 'unlink')
    if (!node) return
    if (node instanceof MemoryDirectory) throw systemError('EISDIR', 'unlink', { path })
    this.#disk.tree.remove(path, this.#disk.tree.slot(path, 'unlink'))
    this.#onChange()
  }

  removeDirectorySync(path: string): void {
    this.#assertAlive('rm', path)
    const node = this.#disk.tree.find(path, 'stat')
    if (!node) return
    if (!(node instanceof MemoryDirectory)) throw systemError('ENOTDIR', 'rm', { path })
    this.#disk.tree.removeAll(path, this.#disk.tree.slot(path, 'rm'))
    this.#onChange()
  }

  makeDirectorySync(path: string): void {
    this.#assertAlive('mkdir', path)
    this.#disk.tree.makeDirectories(path)
    this.#onChange()
  }

  setModifiedSync(path: string, modifiedMs: number): void {
    this.#assertAlive('utime', path)
    const node = this.#disk.tree.find(path, 'utime')
    if (!node) throw systemError('ENOENT', 'utime', { path })
    node.modifiedMs = modifiedMs
    this.#onChange()
  }

  /** At most `Number.MAX_SAFE_INTEGER`, which stands for no limit. */
  freeBytesSync(path: string): number {
    this.#assertAlive('statfs', path)
    if (!this.#disk.tree.find(path, 'statfs')) throw systemError('ENOENT', 'statfs', { path })
    return Math.min(this.#disk.space.freeBytes, Number.MAX_SAFE_INTEGER)
  }

  // Covers what was done before the call, and is durable only once it resolves.
  async syncDirectory(directory: string): Promise<void> {
    const complete = this.#beginDirectorySync(directory)
    await turn(this.#clock)
    this.#assertAlive('fsync', directory)
    complete()
  }

  syncDirectorySync(directory: string): void {
    this.#beginDirectorySync(directory)()
  }

  /** The lock is a file here too, and a crash or kill leaves it behind, held by nobody. */
  lockSync(path: string): Lock {
    this.#assertAlive('open', path)
    const name = normalPath(path)
    if (this.#locks.has(name)) throw new LockedError(path, process.pid, 'this process itself')
    this.openSync(path, 'write').closeSync()
    const lock = { releaseSync: () => this.#unlock(path, lock) }
    this.#locks.set(name, lock)
    return lock
  }

  /** Calls `onChange` in a later turn after any change of any file: at most once a turn. */
  watch(directory: string, onChange: () => void): Watch {
    this.#assertAlive('watch', directory)
    if (!this.#disk.tree.find(directory, 'watch')) throw systemError('ENOENT', 'watch', { path: directory })
    const watcher = () => onChange()
    this.#watchers.add(watcher)
    return { close: () => void this.#watchers.delete(watcher) }
  }

  #createFile(path: string, slot: Slot): MemoryInode {
    const inode = new MemoryInode(this.#disk.space, this.#clock.nowMs(), this.#disk.isCrashable)
    this.#disk.tree.create(path, slot, inode)
    this.#onChange()
    return inode
  }

  #beginDirectorySync(path: string): () => void {
    this.#assertAlive('open', path)
    return this.#disk.tree.beginSync(this.#disk.tree.directory(path, 'open'))
  }

  #unlock(path: string, lock: Lock): void {
    if (this.#state !== 'alive' || this.#locks.get(normalPath(path)) !== lock) return
    this.#locks.delete(normalPath(path))
    this.removeSync(path)
  }

  #onChange(): void {
    if (this.#isNoticeDue || this.#watchers.size === 0) return
    this.#isNoticeDue = true
    this.#clock.nextTurn(() => {
      this.#isNoticeDue = false
      for (const watcher of Array.from(this.#watchers)) if (this.#watchers.has(watcher)) watcher()
    })
  }

  #assertAlive(syscall: string, path?: string): void {
    if (this.#state !== 'alive') throw systemError('ESTALE', syscall, path === undefined ? {} : { path })
  }

  #die(state: 'cut' | 'killed'): void {
    this.#state = state
    this.#watchers.clear()
    for (const file of this.#openFiles) file.closeSync()
  }

  #reborn(disk: Disk): MemoryFiles {
    const files = new MemoryFiles(this.#options)
    files.#disk = disk
    return files
  }
}

/** Why rename(2) refuses, if it does. */
function renameRefusal(from: Slot, to: Slot): string | undefined {
  if (!from.node) return 'ENOENT'
  if (from.node === to.node) return undefined
  if (to.node instanceof MemoryDirectory && holds(to.node, from.directory)) return 'ENOTEMPTY'
  if (from.node instanceof MemoryInode) return to.node instanceof MemoryDirectory ? 'EISDIR' : undefined
  if (holds(from.node, to.directory)) return 'EINVAL'
  if (to.node instanceof MemoryInode) return 'ENOTDIR'
  return to.node && to.node.entries.size > 0 ? 'ENOTEMPTY' : undefined
}

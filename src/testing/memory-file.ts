import type { Clock, File, OpenMode } from '../env/env.ts'
import { systemError } from '../env/system-error.ts'
import { turn } from '../env/turn.ts'
import type { MemoryInode } from './memory-inode.ts'

/** What an open file needs of the file system it belongs to. */
export interface MemoryFileHost {
  readonly clock: Clock
  /** Throws when the file system is no more. */
  assertAlive(syscall: string): void
  onChange(): void
  onClose(file: MemoryFile): void
}

/** An open file in memory. Asynchronous calls do their work, and settle, in a later turn of the event loop. */
export class MemoryFile implements File {
  readonly path: string
  readonly #host: MemoryFileHost
  readonly #inode: MemoryInode
  readonly #isWritable: boolean
  #isOpen = true

  constructor(path: string, inode: MemoryInode, mode: OpenMode, host: MemoryFileHost) {
    this.path = path
    this.#host = host
    this.#inode = inode
    this.#isWritable = mode !== 'read'
    inode.hold()
  }

  sizeSync(): number {
    this.#check('fstat')
    return this.#inode.sizeBytes
  }

  readSync(target: Uint8Array, targetOffset: number, length: number, position: number): number {
    this.#check('read')
    if (targetOffset + length > target.length) {
      throw new RangeError(
        `readSync: ${length} bytes at ${targetOffset} do not fit in ${target.length} bytes`,
      )
    }
    return this.#inode.read(target, targetOffset, length, position)
  }

  read(target: Uint8Array, targetOffset: number, length: number, position: number): Promise<number> {
    return this.#later(() => this.readSync(target, targetOffset, length, position))
  }

  writevSync(buffers: readonly Uint8Array[], position: number): number {
    this.#check('write')
    if (!this.#isWritable) throw systemError('EBADF', 'write')
    const writtenBytes = this.#inode.write(buffers, position)
    this.#changed()
    return writtenBytes
  }

  // Written only when the turn comes, so that a caller who reuses its buffers too early is found out.
  writev(buffers: readonly Uint8Array[], position: number): Promise<number> {
    return this.#later(() => this.writevSync(buffers, position))
  }

  truncateSync(sizeBytes: number): void {
    this.#check('ftruncate')
    if (!this.#isWritable) throw systemError('EINVAL', 'ftruncate')
    this.#inode.truncate(sizeBytes)
    this.#changed()
  }

  // Covers what was written before the call, and is durable only once it resolves.
  async sync(): Promise<void> {
    this.#check('fdatasync')
    const complete = this.#inode.beginSync()
    return this.#later(() => {
      this.#check('fdatasync')
      complete()
    })
  }

  syncSync(): void {
    this.#check('fdatasync')
    this.#inode.beginSync()()
  }

  /** What a failed sync does on ext4 and XFS: what was not synced counts as written, but is not on the disk. */
  loseUnsynced(): void {
    this.#inode.loseUnsynced()
  }

  closeSync(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#inode.release()
    this.#host.onClose(this)
  }

  #check(syscall: string): void {
    this.#host.assertAlive(syscall)
    if (!this.#isOpen) throw systemError('EBADF', syscall)
  }

  #changed(): void {
    this.#inode.modifiedMs = this.#host.clock.nowMs()
    this.#host.onChange()
  }

  async #later<T>(work: () => T): Promise<T> {
    await turn(this.#host.clock)
    return work()
  }
}

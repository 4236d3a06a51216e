import { systemError } from '../env/system-error.ts'
import type { CrashChooser } from './crash-chooser.ts'
import { GrowableBytes } from './growable-bytes.ts'
import { UnsyncedChanges } from './unsynced-changes.ts'

/** The room on a disk in memory. Holes in files take room too, unlike on most real disks. */
export class DiskSpace {
  capacityBytes: number
  usedBytes = 0

  constructor(capacityBytes: number) {
    this.capacityBytes = capacityBytes
  }

  get freeBytes(): number {
    return Math.max(0, this.capacityBytes - this.usedBytes)
  }
}

/** A file apart from its names: it lives, and takes room, as long as a directory or an open handle holds it. */
export class MemoryInode {
  modifiedMs: number
  readonly #space: DiskSpace
  readonly #content: GrowableBytes
  /** Absent when nobody will ask what a power cut would leave. */
  readonly #unsynced: UnsyncedChanges | undefined
  #holderCount = 0

  constructor(space: DiskSpace, modifiedMs: number, isCrashable: boolean, content = new GrowableBytes()) {
    this.#space = space
    this.modifiedMs = modifiedMs
    this.#content = content
    this.#unsynced = isCrashable ? new UnsyncedChanges(content.copy()) : undefined
    space.usedBytes += content.size
  }

  get sizeBytes(): number {
    return this.#content.size
  }

  hold(): void {
    this.#holderCount++
  }

  /** Lets go; the last to do so frees the room. */
  release(): void {
    if (--this.#holderCount === 0) this.#space.usedBytes -= this.sizeBytes
  }

  read(target: Uint8Array, targetOffset: number, length: number, position: number): number {
    return this.#content.read(target, targetOffset, length, position)
  }

  /** Writes what there is room for; throws `ENOSPC` when that is nothing, as tmpfs does. */
  write(buffers: readonly Uint8Array[], position: number): number {
    const sizeBefore = this.sizeBytes
    const wantedEnd = position + buffers.reduce((sum, { length }) => sum + length, 0)
    const end = Math.min(wantedEnd, sizeBefore + this.#space.freeBytes)
    if (wantedEnd === position) return 0
    if (end <= position) throw systemError('ENOSPC', 'write')

    let at = position
    for (const buffer of buffers) {
      const part = buffer.subarray(0, end - at)
      this.#content.write(part, at)
      at += part.length
    }
    this.#space.usedBytes += this.sizeBytes - sizeBefore
    this.#unsynced?.recordWrite(position, Buffer.from(this.#content.slice(position, end)))
    return end - position
  }

  truncate(sizeBytes: number): void {
    const growth = sizeBytes - this.sizeBytes
    if (growth > this.#space.freeBytes) throw systemError('ENOSPC', 'ftruncate')
    this.#content.resize(sizeBytes)
    this.#space.usedBytes += growth
    this.#unsynced?.recordTruncate(sizeBytes)
  }

  /** Begins a sync: returns what completes it, making durable what was written before the beginning. */
  beginSync(): () => void {
    const mark = this.#unsynced?.mark() ?? 0
    return () => this.#unsynced?.sync(mark)
  }

  /** What a failed sync does: see {@link UnsyncedChanges.lose}. */
  loseUnsynced(): void {
    this.#unsynced?.lose()
  }

  /** The file after a power cut, on a disk with `space`. */
  afterCrash(chooser: CrashChooser, path: string, space: DiskSpace): MemoryInode {
    const content = this.#unsynced?.afterCrash(chooser, path) ?? new GrowableBytes()
    return new MemoryInode(space, this.modifiedMs, true, content)
  }
}

import * as fs from 'node:fs'
import { dirname } from 'node:path'
import type { File, FileStat, Files, Lock, OpenMode, Watch } from './env.ts'
import { NodeFile } from './node-file.ts'
import { watchDirectory } from './node-watch.ts'
import { lockProcess } from './process-lock.ts'
import { entryCall, pooledCall, systemCall } from './system-call.ts'
import { systemError, systemErrorCode } from './system-error.ts'

const { O_CREAT, O_EXCL, O_RDONLY, O_RDWR } = fs.constants

const openFlags: Readonly<Record<OpenMode, number>> = {
  read: O_RDONLY,
  write: O_RDWR | O_CREAT,
  create: O_RDWR | O_CREAT | O_EXCL,
}

const isWindows = process.platform === 'win32'

/** The computer's file system, through `node:fs`. */
export class NodeFiles implements Files {
  openSync(path: string, mode: OpenMode): File {
    return new NodeFile(
      path,
      systemCall(() => fs.openSync(path, openFlags[mode])),
    )
  }

  listSync(directory: string): string[] {
    return systemCall(() => fs.readdirSync(directory))
  }

  statSync(path: string): FileStat | undefined {
    const stats = systemCall(() => fs.statSync(path, { throwIfNoEntry: false }))
    return stats && { kind: kindOf(stats), sizeBytes: stats.size, modifiedMs: modifiedMsOf(stats) }
  }

  renameSync(source: string, target: string): void {
    entryCall(() => fs.renameSync(source, target))
  }

  removeSync(path: string): void {
    try {
      entryCall(() => fs.unlinkSync(path))
    } catch (error) {
      if (systemErrorCode(error) !== 'ENOENT') throw error
    }
  }

  removeDirectorySync(path: string): void {
    const kind = this.statSync(path)?.kind ?? 'directory'
    if (kind !== 'directory') throw systemError('ENOTDIR', 'rm', { path })
    entryCall(() => fs.rmSync(path, { recursive: true, force: true }))
  }

  /** One by one: where nothing can be made, as in `/proc`, Node 20 would try for ever to make it with its parents. */
  makeDirectorySync(path: string): void {
    try {
      systemCall(() => fs.mkdirSync(path))
    } catch (error) {
      if (systemErrorCode(error) !== 'ENOENT') return mustBeDirectory(path, error)
      const parent = dirname(path)
      if (fs.existsSync(parent)) throw error
      this.makeDirectorySync(parent)
      this.makeDirectorySync(path)
    }
  }

  setModifiedSync(path: string, modifiedMs: number): void {
    systemCall(() => fs.utimesSync(path, modifiedMs / 1000, modifiedMs / 1000))
  }

  freeBytesSync(path: string): number {
    const stats = systemCall(() => fs.statfsSync(path))
    // bavail, not bfree: the blocks reserved for root are not ours to write.
    return stats.bavail * stats.bsize
  }

  async syncDirectory(directory: string): Promise<void> {
    if (isWindows) return
    const descriptor = systemCall(() => fs.openSync(directory, O_RDONLY))
    try {
      await pooledCall<void>((done) => fs.fsync(descriptor, (error) => done(error)))
    } finally {
      fs.closeSync(descriptor)
    }
  }

  syncDirectorySync(directory: string): void {
    if (isWindows) return
    const descriptor = systemCall(() => fs.openSync(directory, O_RDONLY))
    try {
      systemCall(() => fs.fsyncSync(descriptor))
    } finally {
      fs.closeSync(descriptor)
    }
  }

  lockSync(path: string): Lock {
    return lockProcess(path)
  }

  watch(directory: string, onChange: () => void): Watch {
    return watchDirectory(directory, onChange)
  }
}

/** What could not be made may be there already. @throws `error` when it is not */
function mustBeDirectory(path: string, error: unknown): void {
  if (systemErrorCode(error) === 'ENOTDIR' || !fs.statSync(path).isDirectory()) throw error
}

function kindOf(stats: fs.Stats): FileStat['kind'] {
  if (stats.isFile()) return 'file'
  return stats.isDirectory() ? 'directory' : 'other'
}

/** Whole milliseconds: a time we set travels as a double of seconds and may come back a microsecond short. */
function modifiedMsOf(stats: fs.Stats): number {
  return Math.floor(stats.mtimeMs + 0.01)
}

import { dirname } from 'node:path'
import { CorruptionError } from '../base/errors.ts'
import type { File, Files } from '../env/env.ts'
import { systemErrorCode } from '../env/system-error.ts'
import { temporarySuffix } from './file-names.ts'
import { writeFully } from './write-fully.ts'

/**
 * Replaces the file at `path` whole or not at all: writes `<path>.tmp`, syncs it, renames it over `path` and syncs
 * the directory, as Kafka does for its checkpoints. Once it resolves the new content is durable. A crash before
 * that leaves the old content or the new one, and at worst a `.tmp`, which the next call replaces. Strings are
 * written as UTF-8.
 *
 * Failures are the system's own errors. The old content is then still in place; when only the sync of the
 * directory failed, the new content is, but may be gone after a power cut.
 */
export async function replaceFile(files: Files, path: string, content: Uint8Array | string): Promise<void> {
  for (const barrier of replacement(files, path, content)) await barrier.sync()
}

/** {@link replaceFile} for places that cannot wait, such as the opening and closing of a log. */
export function replaceFileSync(files: Files, path: string, content: Uint8Array | string): void {
  for (const barrier of replacement(files, path, content)) barrier.syncSync()
}

/** A point that must be durable before the replacement goes on. */
interface Barrier {
  sync(): Promise<void>
  syncSync(): void
}

/** Stops at each barrier until the caller has passed it. When the caller fails there, what was begun is undone. */
function* replacement(files: Files, path: string, content: Uint8Array | string): Generator<Barrier> {
  const temporary = path + temporarySuffix
  const directory = dirname(path)
  let renamed = false
  try {
    // What a crash may have left under this name was never in use.
    files.removeSync(temporary)
    const file = files.openSync(temporary, 'create')
    try {
      writeFully(file, [typeof content === 'string' ? Buffer.from(content) : content], 0)
      yield file
    } finally {
      file.closeSync()
    }
    files.renameSync(temporary, path)
    renamed = true
  } finally {
    if (!renamed) discard(files, temporary)
  }
  yield { sync: () => files.syncDirectory(directory), syncSync: () => files.syncDirectorySync(directory) }
}

/**
 * Makes `content` the content of the file at `path`, in place and unsynced. Only for files that are derived from
 * the log: a crash, or a failure, leaves a mixture of the old and the new, so whoever reads such a file checks it.
 */
export function writeInPlace(files: Files, path: string, content: Uint8Array): void {
  const file = files.openSync(path, 'write')
  try {
    writeFully(file, [content], 0)
    file.truncateSync(content.length)
  } finally {
    file.closeSync()
  }
}

/** What the system says of a path at which there is nothing, be it that part of it is no directory. */
const absentCodes: ReadonlySet<string | undefined> = new Set(['ENOENT', 'ENOTDIR'])

/**
 * The content of a small file, or `undefined` when there is none at `path`. The size is checked before anything is
 * allocated.
 *
 * @throws CorruptionError when the file is larger than `maxBytes`: it cannot be what its name says
 */
export function readWhole(files: Files, path: string, maxBytes: number): Buffer | undefined {
  const file = openIfThere(files, path)
  if (file === undefined) return undefined
  try {
    const sizeBytes = file.sizeSync()
    if (sizeBytes > maxBytes) {
      throw new CorruptionError(
        path,
        -1,
        `the file takes ${sizeBytes} bytes, at most ${maxBytes} can be right`,
      )
    }
    return readUpTo(file, sizeBytes)
  } finally {
    file.closeSync()
  }
}

function openIfThere(files: Files, path: string): File | undefined {
  try {
    return files.openSync(path, 'read')
  } catch (error) {
    if (absentCodes.has(systemErrorCode(error))) return undefined
    throw error
  }
}

function readUpTo(file: File, sizeBytes: number): Buffer {
  const bytes = Buffer.allocUnsafe(sizeBytes)
  let end = 0
  while (end < sizeBytes) {
    const count = file.readSync(bytes, end, sizeBytes - end, end)
    if (count === 0) break
    end += count
  }
  return bytes.subarray(0, end)
}

/** Removes a file that is of no use. The caller is about to report why; a failure here would only hide that. */
function discard(files: Files, path: string): void {
  try {
    files.removeSync(path)
  } catch {
    // It stays behind as a stale `.tmp`, which harms nobody.
  }
}

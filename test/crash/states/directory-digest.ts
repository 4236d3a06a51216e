import { createHash } from 'node:crypto'
import type { Files } from '../../../src/env/env.ts'
import { systemErrorCode } from '../../../src/env/system-error.ts'
import { lockFile } from '../../../src/log/file-names.ts'

/** Reused, for thousands of directories are looked at in a second. A workload fills a small part of it. */
const buffer = Buffer.allocUnsafe(4 * 1024 * 1024)

/** Directories with the same digest hold the same, but for lock files, which after a crash belong to nobody. */
export function directoryDigest(files: Files, directory: string): string {
  const isThere = files.statSync(directory) !== undefined
  const end = isThere ? putDirectory(files, directory, 0) : 0
  return createHash('sha1').update(buffer.subarray(0, end)).digest('base64')
}

/** Puts names, sizes and contents into the buffer from `position` on; returns where they end. */
function putDirectory(files: Files, directory: string, position: number): number {
  let at = position
  for (const name of files.listSync(directory).toSorted()) {
    if (name === lockFile) continue
    const path = `${directory}/${name}`
    const start = at + buffer.write(`${path}\n`, at, 'latin1')
    const sizeBytes = readInto(files, path, start)
    at = sizeBytes === undefined ? putDirectory(files, path, start) : start + sizeBytes
    // Behind the content, whose length is not known before.
    at = buffer.writeInt32BE(sizeBytes ?? -1, at)
  }
  return at
}

/** Reads a whole file into the buffer; returns its size, or undefined for a directory. */
function readInto(files: Files, path: string, position: number): number | undefined {
  try {
    const file = files.openSync(path, 'read')
    const sizeBytes = file.readSync(buffer, position, buffer.length - position, 0)
    file.closeSync()
    return sizeBytes
  } catch (error) {
    if (systemErrorCode(error) === 'EISDIR') return undefined
    throw error
  }
}

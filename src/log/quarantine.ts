import { basename, join } from 'node:path'
import type { Files } from '../env/env.ts'

/** A sub-directory of the partition's directory, which Kafka ignores. Nothing in it is ever read or removed by us. */
export const quarantineDirectory = 'quarantine'

const copyChunkBytes = 1024 * 1024

/** A name in the quarantine that is not taken yet. */
function freePath(files: Files, directory: string, name: string): string {
  const quarantine = join(directory, quarantineDirectory)
  files.makeDirectorySync(quarantine)
  for (let count = 0; ; count++) {
    const path = join(quarantine, count === 0 ? name : `${name}.${count}`)
    if (files.statSync(path) === undefined) return path
  }
}

/** Copies what `name` holds from byte `start` on, durably, before it is cut there. Returns the path of the copy. */
export function copyToQuarantine(files: Files, directory: string, name: string, start = 0): string {
  const target = freePath(files, directory, start === 0 ? name : `${name}.from-${start}`)
  const source = files.openSync(join(directory, name), 'read')
  const copy = files.openSync(target, 'create')
  try {
    const buffer = Buffer.allocUnsafe(copyChunkBytes)
    for (let position = start; ; ) {
      const count = source.readSync(buffer, 0, buffer.length, position)
      if (count === 0) break
      for (let at = 0; at < count; )
        at += copy.writevSync([buffer.subarray(at, count)], position - start + at)
      position += count
    }
    copy.syncSync()
  } finally {
    source.closeSync()
    copy.closeSync()
  }
  files.syncDirectorySync(join(directory, quarantineDirectory))
  files.syncDirectorySync(directory)
  return target
}

/** Moves a file there. Returns its new path. */
export function moveToQuarantine(files: Files, directory: string, name: string): string {
  const target = freePath(files, directory, basename(name))
  files.renameSync(join(directory, name), target)
  return target
}

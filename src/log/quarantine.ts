import { basename, join } from 'node:path'
import type { File, Files } from '../env/env.ts'

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

/**
 * Copies what `name` holds from byte `start` on, durably, before it is cut there. Lets other work go on, for it may be a
 * whole segment. Returns the path of the copy.
 */
export async function copyToQuarantine(
  files: Files,
  directory: string,
  name: string,
  start = 0,
): Promise<string> {
  const target = freePath(files, directory, start === 0 ? name : `${name}.from-${start}`)
  const source = files.openSync(join(directory, name), 'read')
  try {
    const copy = files.openSync(target, 'create')
    try {
      await copyFrom(source, start, copy)
      await copy.sync()
    } finally {
      copy.closeSync()
    }
  } finally {
    source.closeSync()
  }
  await files.syncDirectory(join(directory, quarantineDirectory))
  await files.syncDirectory(directory)
  return target
}

async function copyFrom(source: File, start: number, target: File): Promise<void> {
  const buffer = Buffer.allocUnsafe(copyChunkBytes)
  for (let copied = 0; ; ) {
    const count = await source.read(buffer, 0, buffer.length, start + copied)
    if (count === 0) return
    for (let at = 0; at < count; ) at += await target.writev([buffer.subarray(at, count)], copied + at)
    copied += count
  }
}

/** Moves a file there. Returns its new path. */
export function moveToQuarantine(files: Files, directory: string, name: string): string {
  const target = freePath(files, directory, basename(name))
  files.renameSync(join(directory, name), target)
  return target
}

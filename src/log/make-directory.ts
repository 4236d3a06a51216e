import { dirname } from 'node:path'
import type { Files } from '../env/env.ts'
import { systemCode } from './storage-error.ts'

/**
 * Creates `path` and the parents it lacks, so that they are there after a power cut: the name of a new directory is
 * an entry of its parent, which has to be synced. So is the parent of one that was there already, for whoever made it
 * may not have done so; where it may not even be read, that is not ours to do.
 */
export async function makeDirectoryDurably(files: Files, path: string): Promise<void> {
  const existed = files.statSync(path) !== undefined
  const parents = [dirname(path)]
  for (let parent = dirname(path); files.statSync(parent) === undefined; parent = dirname(parent))
    parents.push(dirname(parent))
  files.makeDirectorySync(path)
  for (const parent of parents.reverse()) {
    try {
      await files.syncDirectory(parent)
    } catch (error) {
      if (!existed || !deniedCodes.has(systemCode(error) ?? '')) throw error
    }
  }
}

const deniedCodes: ReadonlySet<string> = new Set(['EACCES', 'EPERM'])

import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'

/** Linux has one file system in memory; elsewhere it is the disk. */
const parent = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()
const directories: string[] = []

afterAll(() => {
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true })
})

/** A new empty directory in which a sync costs nothing, gone when the tests of the file are over. */
export function memoryDirectory(): string {
  const directory = mkdtempSync(join(parent, 'tidemark-'))
  directories.push(directory)
  return directory
}

import { appendFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from './project-root.ts'

/**
 * What once failed, one a line, and is tried again whenever the tests run: `torture` for trials with real processes and
 * disks, `simulated` for cases in memory.
 */
export type SeedFile = 'torture' | 'simulated'

/** The lines of the file; `#` begins a comment. */
export function readSeeds(name: SeedFile): string[] {
  return readFileSync(pathOf(name), 'utf8')
    .split('\n')
    .map((line) => line.replace(/#.*/, '').trim())
    .filter((line) => line !== '')
}

/** From now on the line is tried again whenever the tests run. */
export function keepSeed(name: SeedFile, line: string): void {
  if (!readSeeds(name).includes(line)) appendFileSync(pathOf(name), `${line}\n`)
}

function pathOf(name: SeedFile): string {
  return join(projectRoot, 'data/seeds', `${name}.txt`)
}

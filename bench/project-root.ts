import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The project's own directory: the nearest one above this file that has `bench/package.json`, compiled or not. */
export const projectRoot: string = findRoot(dirname(fileURLToPath(import.meta.url)))

function findRoot(directory: string): string {
  if (existsSync(join(directory, 'bench', 'package.json'))) return directory
  const parent = dirname(directory)
  if (parent === directory)
    throw new Error('the benchmarks run from within the project, beside bench/package.json')
  return findRoot(parent)
}

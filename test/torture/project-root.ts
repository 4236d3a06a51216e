import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The directory with the project's package.json, seen from here, be this compiled or not. */
export const projectRoot = find(dirname(fileURLToPath(import.meta.url)))

function find(directory: string): string {
  if (existsSync(join(directory, 'package.json'))) return directory
  const parent = dirname(directory)
  if (parent === directory) throw new Error('there is no package.json above the torture tests')
  return find(parent)
}

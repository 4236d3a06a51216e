import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

/** What is loaded with an entry point, and what only when it is needed. */

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../../..')

/** Folders below `src` of all that is loaded with `entry`: what is imported when it is needed is not among it. */
function loadedWith(entry: string): string[] {
  const reached = new Set<string>()
  const visit = (path: string): void => {
    if (reached.has(path)) return
    reached.add(path)
    const text = readFileSync(join(root, path), 'utf8')
    const imports = text.matchAll(/^(?:import|export)\s+(type\s)?[^'"]*?from\s+'(\.[^']+)'/gm)
    for (const [, isType, specifier = ''] of imports)
      if (isType === undefined) visit(relative(root, resolve(root, dirname(path), specifier)))
  }
  visit(entry)
  return [...new Set([...reached].map((path) => path.split('/').slice(0, 2).join('/')))].sort()
}

const ofClients = ['src/base', 'src/batch', 'src/client', 'src/env', 'src/wire']

test('tidemark/client loads no broker and no log', () => {
  const folders = loadedWith('src/client/public.ts').filter((folder) => folder.startsWith('src/'))
  expect(folders).toEqual(ofClients)
})

test('tidemark loads a broker only for those who want one', () => {
  const folders = loadedWith('src/embedded/public.ts').filter((folder) => folder.startsWith('src/'))
  expect(folders).toEqual([...ofClients, 'src/embedded'].sort())
  // The way there is known all the same: these are the imports that it waits for.
  const facade = readFileSync(join(root, 'src/embedded/tidemark.ts'), 'utf8')
  const later = [...facade.matchAll(/import\('(\.[^']+)'\)/g)].map(([, path = '']) => path)
  expect(later.length).toBeGreaterThan(0)
  for (const path of later) expect(existsSync(join(root, 'src/embedded', path))).toBe(true)
  expect(loadedWith('src/embedded/embedded-broker.ts')).toContain('src/broker')
})

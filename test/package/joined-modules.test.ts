import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const projectRoot = fileURLToPath(new URL('../..', import.meta.url))
const lib = join(projectRoot, 'dist', 'lib')
if (!existsSync(lib)) throw new Error('run `npm run build` before the tests of the package')

/** Node takes half a millisecond for each. */
const filesMax = 12

/** What loading `file` loads: the files themselves, and the names of modules that are none of ours. */
function loadedBy(file: string): { files: ReadonlySet<string>; modules: ReadonlySet<string> } {
  const files = new Set<string>()
  const modules = new Set<string>()
  const visit = (path: string): void => {
    if (files.has(path)) return
    files.add(path)
    for (const [, name = ''] of readFileSync(path, 'utf8').matchAll(
      /^(?:import|export)\b[^;]*?["']([^"']+)["'];/gm,
    ))
      if (name.startsWith('.')) visit(join(dirname(path), name))
      else modules.add(name)
  }
  visit(join(lib, file))
  return { files, modules }
}

describe('the modules that are shipped are joined', () => {
  test('serving loads few files', () => {
    const files = new Set([...loadedBy('cli.js').files, ...loadedBy('chunks/serve.js').files])
    expect(files.size).toBeLessThanOrEqual(filesMax)
    expect([...files].some((file) => file.endsWith('broker-server.js'))).toBe(true)
  })

  test('serving imports no package for whose exports Node would load a parser', () => {
    const { modules } = loadedBy('chunks/serve.js')
    expect([...modules].filter((name) => !name.startsWith('node:'))).toEqual(['hysnappy'])
  })

  test('who reads or writes a log does not load what repairs one', () => {
    const repairs = (command: string): boolean =>
      [...loadedBy(`chunks/${command}.js`).files].some((file) =>
        readFileSync(file, 'utf8').includes('// src/log/repair-directory.ts'),
      )
    expect(['serve', 'append', 'read', 'repair'].filter(repairs)).toEqual(['repair'])
  })

  test('the command line loads a command only when it is asked for', () => {
    const { files, modules } = loadedBy('cli.js')
    expect([...files].filter((file) => /serve|broker|quickstart/.test(file))).toEqual([])
    expect(modules).not.toContain('node:net')
  })

  test('the log loads nothing of the network, however its code is shared', () => {
    const { files, modules } = loadedBy('log.js')
    expect(modules).not.toContain('node:net')
    expect([...files].filter((file) => /header-codec|headers\.js|server|cluster/.test(file))).toEqual([])
    expect(modules).toContain('node:fs')
  })

  test('the protocol loads nothing of Node', () => {
    expect([...loadedBy('protocol.js').modules]).toEqual([])
  })

  test('every entry point that package.json names is there, with its types', () => {
    const manifest = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as {
      readonly bin: Record<string, string>
      readonly exports: Record<string, string | Record<string, string>>
    }
    const named = [manifest.bin, ...Object.values(manifest.exports)].flatMap((entry) =>
      typeof entry === 'string' ? [entry] : Object.values(entry),
    )
    expect(named.filter((path) => !existsSync(join(projectRoot, path)))).toEqual([])
    expect(named.length).toBeGreaterThan(8)
  })
})

import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const projectRoot = fileURLToPath(new URL('../..', import.meta.url))
const lib = join(projectRoot, 'dist', 'lib')
if (!existsSync(lib)) throw new Error('run `npm run build` before the tests of the package')

/** Node takes half a millisecond for each: this many leave a start of 200 ms most of its time. */
const filesMax = 40

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
    expect(files.size).toBeLessThan(filesMax)
    expect([...files].some((file) => file.endsWith('broker-server.js'))).toBe(true)
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

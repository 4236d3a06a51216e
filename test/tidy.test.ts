import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

/** Style as a test: which folder may import which, what may touch the world, how large things may grow. */

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..')

/** Imports point down only. A folder may import itself and these. */
const layers: Readonly<Record<string, readonly string[]>> = {
  'native-free': [],
  'src/base': [],
  'src/env': ['src/base'],
  'src/batch': ['src/base', 'native-free'],
  'src/log': ['src/base', 'src/env', 'src/batch', 'native-free'],
  'src/wire': ['src/base'],
  'src/cluster': ['src/base', 'src/env', 'src/batch', 'src/log', 'src/wire', 'native-free'],
  'src/broker': ['src/base', 'src/env', 'src/batch', 'src/log', 'src/wire', 'src/cluster', 'native-free'],
  'src/server': ['src/base', 'src/env', 'src/wire', 'src/broker'],
  'src/client': ['src/base', 'src/env', 'src/batch', 'src/wire', 'native-free'],
  'src/embedded': [
    'src/base',
    'src/env',
    'src/batch',
    'src/log',
    'src/wire',
    'src/broker',
    'src/server',
    'src/client',
    'src/testing',
  ],
  'src/testing': ['src/base', 'src/env', 'src/log', 'src/wire', 'src/broker', 'src/server', 'src/client'],
  'src/cli': [
    'src/base',
    'src/env',
    'src/batch',
    'src/log',
    'src/wire',
    'src/broker',
    'src/server',
    'src/client',
    'src/embedded',
    'native-free',
  ],
}

/** What only `src/env` may touch, and what to use instead. */
const banned: readonly (readonly [RegExp, string])[] = [
  [/\bDate\.now\(|\bnew Date\(\)|\bperformance\.now\(|process\.hrtime/, 'env.clock'],
  [/\bMath\.random\(|\brandomBytes\(|\brandomUUID\(/, 'env.random'],
  [/\bset(Timeout|Interval|Immediate)\(/, 'env.clock'],
  [/from 'node:fs|from 'fs|from 'fs-extra|require\('(node:)?fs/, 'env.files'],
]

const fileLinesMax = 400
const functionLinesMax = 70
/** Files and functions that may be longer, each with its reason. */
const allowedLong: Readonly<Record<string, string>> = {}

interface Source {
  readonly path: string
  readonly folder: string
  readonly text: string
  readonly lines: readonly string[]
  /** What it imports at run time, and what for its types only. */
  readonly imports: readonly { readonly specifier: string; readonly typeOnly: boolean }[]
}

function sources(...folders: string[]): Source[] {
  return folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !name.endsWith('.wasm.ts'))
      .map((name) => read(join(folder, name))),
  )
}

function read(path: string): Source {
  const text = readFileSync(join(root, path), 'utf8')
  const imports = [...text.matchAll(/^(?:import|export)\s+(type\s)?[^'"]*?from\s+'([^']+)'/gm)].map(
    (match) => ({
      specifier: match[2] ?? '',
      typeOnly: match[1] !== undefined,
    }),
  )
  for (const match of text.matchAll(/^import '([^']+)'|\bimport\('([^']+)'\)/gm))
    imports.push({ specifier: match[1] ?? match[2] ?? '', typeOnly: false })
  const folder = path.startsWith('src/') ? path.split('/').slice(0, 2).join('/') : (path.split('/')[0] ?? '')
  return { path, folder, text, lines: text.split('\n'), imports }
}

function target(source: Source, specifier: string): string | undefined {
  return specifier.startsWith('.')
    ? relative(root, resolve(root, dirname(source.path), specifier))
    : undefined
}

const all = sources('src', 'native-free')
const byPath = new Map(all.map((source) => [source.path, source]))

describe('structure', () => {
  test('every folder is a known layer', () => {
    expect([...new Set(all.map(({ folder }) => folder))].filter((folder) => !(folder in layers))).toEqual([])
  })

  test('imports point down only', () => {
    const wrong = all.flatMap((source) =>
      source.imports.flatMap(({ specifier }) => {
        const path = target(source, specifier)
        if (path === undefined) return []
        const folder = path.startsWith('src/')
          ? path.split('/').slice(0, 2).join('/')
          : (path.split('/')[0] ?? '')
        const isAllowed = folder === source.folder || layers[source.folder]?.includes(folder)
        return isAllowed ? [] : [`${source.path} imports ${path}`]
      }),
    )
    expect(wrong).toEqual([])
  })

  test('every import says its file with the ending .ts', () => {
    const wrong = all.flatMap(({ path, imports }) =>
      imports
        .filter(({ specifier }) => /^\.(?!.*\.ts$)/.test(specifier))
        .map(({ specifier }) => `${path}: ${specifier}`),
    )
    expect(wrong).toEqual([])
  })

  test('there are no import cycles at run time', () => {
    const cycles: string[] = []
    const done = new Set<string>()
    const visit = (path: string, trail: readonly string[]): void => {
      if (trail.includes(path)) {
        cycles.push([...trail.slice(trail.indexOf(path)), path].join(' -> '))
        return
      }
      if (done.has(path)) return
      for (const next of runtimeTargets(path)) visit(next, [...trail, path])
      done.add(path)
    }
    for (const { path } of all) visit(path, [])
    expect(cycles).toEqual([])
  })

  test('tidemark/log loads the engine and nothing else', () => {
    const reached = new Set<string>()
    const packages = new Set<string>()
    const visit = (path: string): void => {
      if (reached.has(path)) return
      reached.add(path)
      const source = byPath.get(path)
      for (const { specifier, typeOnly } of source?.imports ?? [])
        if (!typeOnly && !specifier.startsWith('.')) packages.add(specifier)
      for (const next of runtimeTargets(path)) visit(next)
    }
    visit('src/log/public.ts')
    const folders = new Set([...reached].map((path) => byPath.get(path)?.folder ?? dirname(dirname(path))))
    expect([...folders].sort()).toEqual(['native-free', 'src/base', 'src/batch', 'src/env', 'src/log'])
    const networking = [...packages].filter((name) => /^(node:)?(net|http|https|http2|tls|dgram)$/.test(name))
    expect(networking).toEqual([])
    const installed = [...packages].filter((name) => !name.startsWith('node:')).sort()
    expect(installed).toEqual(['hysnappy'])
  })

  function runtimeTargets(path: string): string[] {
    const source = byPath.get(path)
    if (source === undefined) return []
    return source.imports
      .filter(({ typeOnly }) => !typeOnly)
      .map(({ specifier }) => target(source, specifier))
      .filter((next): next is string => next !== undefined)
  }
})

describe('the world', () => {
  test('only src/env touches files, clock, timers and randomness', () => {
    const wrong = all
      .filter(({ folder }) => folder !== 'src/env')
      .flatMap(({ path, lines }) =>
        lines.flatMap((line, index) => {
          const code = line.replace(/^\s*(\*|\/\/|\/\*).*/, '')
          return banned
            .filter(([pattern]) => pattern.test(code))
            .map(([, instead]) => `${path}:${index + 1} must use ${instead}: ${line.trim()}`)
        }),
      )
    expect(wrong).toEqual([])
  })
})

describe('sizes', () => {
  test(`no file is longer than ${fileLinesMax} lines`, () => {
    const long = all.filter(({ path, lines }) => lines.length > fileLinesMax && !(path in allowedLong))
    expect(long.map(({ path, lines }) => `${path}: ${lines.length}`)).toEqual([])
  })

  test(`no function is longer than ${functionLinesMax} lines`, () => {
    const long = all.flatMap((source) =>
      functions(source)
        .filter(({ lines, name }) => lines > functionLinesMax && !(`${source.path}:${name}` in allowedLong))
        .map(({ name, lines }) => `${source.path}:${name}: ${lines}`),
    )
    expect(long).toEqual([])
  })

  test('the exceptions are still needed', () => {
    const needless = Object.keys(allowedLong).filter(
      (path) => (byPath.get(path)?.lines.length ?? 0) <= fileLinesMax,
    )
    expect(needless).toEqual([])
  })

  test('the median file and the median function are short', () => {
    const files = all.map(({ lines }) => lines.length)
    const lengths = all.flatMap((source) => functions(source).map(({ lines }) => lines))
    expect(median(files)).toBeLessThanOrEqual(120)
    expect(median(lengths)).toBeLessThanOrEqual(12)
  })
})

describe('words', () => {
  test('no leftovers and no catch-all file names', () => {
    const leftovers = all
      .filter(({ text }) => /\b(TODO|FIXME|XXX|HACK)\b|console\.log\(/.test(text))
      .map(({ path }) => path)
    expect(leftovers.filter((path) => !path.startsWith('src/cli/'))).toEqual([])
    const vague = all.filter(({ path }) => /(^|\/)(utils?|helpers?|types|index|common|misc)\.ts$/.test(path))
    expect(vague.map(({ path }) => path)).toEqual([])
  })

  test('tests are neither skipped nor focused', () => {
    const wrong = sources('test').filter(
      ({ path, text }) => path !== 'test/tidy.test.ts' && /\b(it|test|describe)\.(only|skip)\(/.test(text),
    )
    expect(wrong.map(({ path }) => path)).toEqual([])
  })
})

/** Functions and methods, found by their first line and the closing brace at its indentation, which the formatter ensures. */
function functions({ lines }: Source): { name: string; lines: number }[] {
  const found: { name: string; lines: number }[] = []
  const opening =
    /^(\s*)(?:export |async |static |private |override |get |set |\*)*(?:function\*? )?(#?[\w[][\w[\].]*)(?:<.*>)?\(/
  for (const [start, line] of lines.entries()) {
    const match = opening.exec(line)
    if (match === null || /^\s*(if|for|while|switch|return|await|catch|throw)\b/.test(line)) continue
    // A function's parameters end, and its body begins, on one line; a call's do not.
    if (!/\)(: [^=]+)? \{$/.test(lines[endOfParameters(lines, start)] ?? '')) continue
    const [, indent = '', name = ''] = match
    const end = lines.findIndex((each, index) => index > start && each.startsWith(`${indent}}`))
    if (end > start) found.push({ name, lines: end - start + 1 })
  }
  return found
}

/** The line on which the parentheses that `start` opens are all closed again. */
function endOfParameters(lines: readonly string[], start: number): number {
  let depth = 0
  for (let index = start; index < lines.length; index++) {
    for (const character of lines[index] ?? '') depth += character === '(' ? 1 : character === ')' ? -1 : 0
    if (depth <= 0) return index
  }
  return start
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}

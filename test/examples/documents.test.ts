import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { resolveClientLimits } from '../../src/client/cluster/client-options.ts'
import { resolveConsumerOptions } from '../../src/client/consumer/consumer-options.ts'
import { resolveProducerOptions } from '../../src/client/producer/producer-options.ts'
import * as tidemark from '../../src/embedded/public.ts'

/** What the guide and the reference say is so. */

const root = fileURLToPath(new URL('../../', import.meta.url))
const guide = readFileSync(join(root, 'docs/clients.md'), 'utf8')
const limits = resolveClientLimits()

describe('the guide to the clients', () => {
  test.each([
    ['Of a producer', shown(resolveProducerOptions({}, limits)), Object.keys(limits)],
    ['Of a consumer', shown(resolveConsumerOptions({})), []],
    ['Of all clients: `limits`', shown(limits), []],
  ])('every option with its default: %s', (heading, defaults, inherited) => {
    const rows = rowsUnder(heading).map(([option = '', , value = '']) => [bare(option), bare(value)])
    const wanted = Object.entries(defaults).filter(([name]) => !inherited.includes(name))
    expect(Object.fromEntries(rows)).toEqual(Object.fromEntries(wanted))
  })

  test("Kafka's names are the ones that are taken", () => {
    for (const [heading, resolve] of [
      ['Of a producer', (options: object) => resolveProducerOptions(options, limits)],
      ['Of a consumer', (options: object) => resolveConsumerOptions(options)],
      ['Of all clients: `limits`', (options: object) => resolveClientLimits(options)],
    ] as const)
      for (const [, kafkaName = '', value = ''] of rowsUnder(heading))
        if (kafkaName !== '')
          expect(() => resolve({ [bare(kafkaName)]: parsed(value) }), kafkaName).not.toThrow()
  })

  test('every error that it names is exported', () => {
    const errors = rowsUnder('Errors').map(([name = '']) => bare(name))
    expect(errors.length).toBeGreaterThan(10)
    expect(errors.filter((name) => !(name in tidemark))).toEqual([])
  })
})

test('links lead somewhere, to the heading that they name', () => {
  const documents = ['clients.md', 'examples/README.md', ...markdownUnder('api')]
  expect(documents.length).toBeGreaterThan(7)
  expect(documents.flatMap((document) => brokenLinks(join(root, 'docs', document)))).toEqual([])
})

test('the reference has a page of every entry point', () => {
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    readonly exports: object
  }
  const entryPoints = Object.keys(exports).filter((path) => !path.endsWith('.json'))
  const pages = entryPoints.map((path) => join(root, `docs/api/${path.replace('.', 'tidemark')}.md`))
  expect(pages.length).toBeGreaterThan(5)
  expect(pages.filter((page) => !existsSync(page))).toEqual([])
})

/** Numbers, switches and choices, as the guide writes them. */
function shown(options: object): Record<string, string> {
  const rows = Object.entries(options).filter(([, value]) => value !== undefined)
  return Object.fromEntries(rows.map(([name, value]) => [name, name === 'acks' ? `'all'` : literal(value)]))
}

function literal(value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : String(value)
}

/** The cells of the table under a heading. */
function rowsUnder(heading: string): string[][] {
  const section = guide.slice(guide.indexOf(`# ${heading}\n`)).split('\n#', 2)[0] ?? ''
  const rows = section.split('\n').filter((line) => line.startsWith('| `'))
  return rows.map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
}

/** Without back-quotes, and without what groups digits. */
function bare(cell: string): string {
  return cell.replaceAll('`', '').replaceAll(/(?<=\d)_(?=\d)/g, '')
}

function parsed(cell: string): unknown {
  const text = bare(cell)
  if (text.startsWith("'")) return text.slice(1, -1)
  return text === 'true' || text === 'false' ? text === 'true' : Number(text)
}

function markdownUnder(folder: string): string[] {
  const names = readdirSync(join(root, 'docs', folder), { recursive: true, encoding: 'utf8' })
  return names.filter((name) => name.endsWith('.md')).map((name) => join(folder, name))
}

function brokenLinks(document: string): string[] {
  const text = readFileSync(document, 'utf8')
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, link]) => link ?? [])
  return links
    .filter((link) => !link.startsWith('http') && !leads(document, link))
    .map((link) => `${relative(root, document)}: ${link}`)
}

const anchorsOf = new Map<string, ReadonlySet<string>>()

function leads(document: string, link: string): boolean {
  const [path = '', anchor] = link.split('#')
  const file = path === '' ? document : join(dirname(document), path)
  if (!existsSync(file) || !statSync(file).isFile()) return false
  if (anchor === undefined) return true
  if (!anchorsOf.has(file)) anchorsOf.set(file, anchorsIn(readFileSync(file, 'utf8')))
  return anchorsOf.get(file)?.has(anchor) === true
}

/** As GitHub makes them of headings: of equal ones the second has `-1` behind it. */
function anchorsIn(markdown: string): Set<string> {
  const anchors = new Set([...markdown.matchAll(/<a id="([^"]+)">/g)].flatMap(([, id]) => id ?? []))
  for (const [, heading = ''] of markdown.matchAll(/^#+ (.+)$/gm)) {
    const name = heading
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, '')
      .replaceAll(' ', '-')
    let anchor = name
    for (let count = 1; anchors.has(anchor); count++) anchor = `${name}-${count}`
    anchors.add(anchor)
  }
  return anchors
}

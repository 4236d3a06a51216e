import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { beforeAll, describe, expect, test } from 'vitest'
import { openLog } from '../../src/log/log.ts'
import type { Durability } from '../../src/log/log-options.ts'
import { seededRandom } from '../../src/testing/seeded-random.ts'
import { checkLog } from '../open-test-log.ts'
import { temporaryDirectory } from '../unit/env/temporary-directory.ts'

const compiledModule = new URL('../../dist/lib/log.js', import.meta.url)
const childProgram = new URL('./appending-child.mjs', import.meta.url)

/** How often a process is killed per durability. */
const killCount = Number(process.env['TIDEMARK_KILLS'] ?? 4)
const seed = Number(process.env['TIDEMARK_SEED'] ?? Math.floor(Math.random() * 2 ** 31))

/** Most acknowledgements before a kill. */
const acknowledgedMax = 600

interface Acknowledgement {
  readonly offset: number
  readonly index: number
}

/** Runs a child until it has told of `count` acknowledgements, and kills it. What came before its death counts too. */
async function appendUntilKilled(directory: string, durability: Durability, life: number, count: number) {
  const args = [childProgram.pathname, compiledModule.href, directory, durability, String(life)]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const closed = once(child, 'close')
  const acknowledged: Acknowledgement[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    const [, offset, index] = /^(\d+) (\d+)$/.exec(line) ?? []
    if (index !== undefined) acknowledged.push({ offset: Number(offset), index: Number(index) })
    if (acknowledged.length >= count) child.kill('SIGKILL')
  }
  const [, signal] = (await closed) as [number | null, string | null]
  expect(signal, 'the child ended by itself').toBe('SIGKILL')
  return acknowledged
}

beforeAll(() => {
  expect(existsSync(compiledModule), 'run `npm run build` first: the children run compiled code').toBe(true)
})

describe.each(['sync', 'interval', 'os'] as const)('under %s', (durability) => {
  test(`${killCount} kills lose nothing that was acknowledged (TIDEMARK_SEED=${seed})`, async () => {
    const random = seededRandom(seed)
    const directory = temporaryDirectory()
    const acknowledged = new Map<number, string>()
    for (let life = 0; life < killCount; life++) {
      const told = await appendUntilKilled(directory, durability, life, 1 + random.int(acknowledgedMax))
      for (const { offset, index } of told) {
        expect(acknowledged.get(offset), `offset ${offset} was given twice`).toBeUndefined()
        acknowledged.set(offset, `${life}:${index}`)
      }
      await expectAll(directory, acknowledged, life)
    }
    await checkLog(directory)
  })
})

/** Every acknowledged record is where it was said to be, and each life's records are those it appended, in order. */
async function expectAll(
  directory: string,
  acknowledged: ReadonlyMap<number, string>,
  lastLife: number,
): Promise<void> {
  await using log = await openLog(directory)
  expect(log.recovery.lost).toBeUndefined()
  const values = new Map<number, string>()
  for await (const { offset, value } of log.read()) values.set(offset, String(value))
  for (const [offset, value] of acknowledged) expect(values.get(offset), `offset ${offset}`).toBe(value)
  const found = [...values.values()]
  for (let life = 0; life <= lastLife; life++) {
    const own = found.filter((value) => value.startsWith(`${life}:`))
    expect(own).toEqual(own.map((_, index) => `${life}:${index}`))
  }
  expect(found.every((value) => Number.parseInt(value, 10) <= lastLife)).toBe(true)
}

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { afterEach, beforeAll, expect, test } from 'vitest'
import { temporaryDirectory } from '../unit/env/temporary-directory.ts'

/** A process of its own that embeds Tidemark: it lives as long as it has something to wait for, and no longer. */

const library = new URL('../../dist/lib/tidemark.js', import.meta.url)
const program = new URL('ten-lines.mjs', import.meta.url)
const running = new Set<ChildProcess>()

beforeAll(() => {
  expect(existsSync(library), 'run `npm run build` first: the children run compiled code').toBe(true)
})

afterEach(() => {
  for (const child of running) child.kill('SIGKILL')
})

/** The lines that the program prints, as they come, until it ends. */
function run(directory: string, groupId: string, ...rest: number[]) {
  const args = [program.pathname, library.href, directory, groupId, ...rest.map(String)]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  running.add(child)
  return { child, closed: once(child, 'close'), lines: createInterface({ input: child.stdout }) }
}

async function linesOf(directory: string, groupId: string, count: number): Promise<string[]> {
  const { lines, closed } = run(directory, groupId, count)
  const printed: string[] = []
  for await (const line of lines) printed.push(line)
  expect(await closed).toEqual([0, null])
  return printed
}

test('it ends by itself, and the next one goes on where it was', async () => {
  const directory = temporaryDirectory()
  expect(await linesOf(directory, 'g', 1)).toEqual(['sent 0', 'read 0'])
  expect(await linesOf(directory, 'g', 1)).toEqual(['sent 1', 'read 1'])
  expect(await linesOf(directory, 'other', 3)).toEqual(['sent 2', 'read 0', 'read 1', 'read 2'])
})

test('it stays while it waits for records, and a kill loses nothing', async () => {
  const directory = temporaryDirectory()
  const { child, lines, closed } = run(directory, 'g', 2, 500)
  const printed: string[] = []
  for await (const line of lines) {
    printed.push(line)
    if (line === 'still here') child.kill('SIGKILL')
  }
  expect(printed).toEqual(['sent 0', 'read 0', 'still here'])
  expect(await closed).toEqual([null, 'SIGKILL'])
  expect(await linesOf(directory, 'other', 2)).toEqual(['sent 1', 'read 0', 'read 1'])
})

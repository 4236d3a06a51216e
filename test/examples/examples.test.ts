import { expect, test } from 'vitest'
import { temporaryDirectory } from '../unit/env/temporary-directory.ts'
import { runExample } from './run-example.ts'

/** Every program of docs/examples does what it says, in a process of its own, with the package as it is shipped. */

test('quick start: also a second time, with what the first has left', async () => {
  const directory = temporaryDirectory()
  const first = await runExample('quick-start.mjs', [directory])
  expect(first).toEqual([expect.stringMatching(/^sent to partition [0-3], offset 0$/), 'bill order-1: 12'])
  const second = await runExample('quick-start.mjs', [directory])
  expect(second).toEqual([expect.stringMatching(/^sent to partition [0-3], offset 1$/), 'bill order-1: 12'])
})

test('event sourcing: of two withdrawals at once one is decided again, and refused', async () => {
  const lines = await runExample('event-sourcing.mjs', [temporaryDirectory()])
  expect(lines).toContain('ada: withdrawn has to be decided again')
  expect(lines.filter((line) => line === 'ada: fulfilled')).toHaveLength(1)
  expect(lines).toContain('ada: 80 is more than 20')
  expect(lines.slice(-2)).toEqual(['ada had 100, and has 20', 'after a restart: ada 20, bob 20'])
})

test('work queue: the group shares the jobs, and a job that failed is done by another', async () => {
  const lines = await runExample('work-queue.mjs', [temporaryDirectory()])
  expect(lines.at(-1)).toMatch(/^40 of 40 jobs done, \d+ of them begun more than once$/)
  expect(lines).toContainEqual(expect.stringMatching(/^unlucky failed: out of luck at job \d+$/))
  expect(againIn(lines)).toBeGreaterThanOrEqual(1)
  const counts = ['fast', 'slow', 'unlucky'].map((worker) => doneBy(worker, lines))
  expect(counts.reduce((sum, count) => sum + count)).toBeGreaterThanOrEqual(40)
  expect(Math.min(...counts.slice(0, 2))).toBeGreaterThan(0)
})

test('publish and subscribe: every group gets everything', async () => {
  const users = 'user-0 user-1 user-2 user-3 user-4 user-5'
  expect(await runExample('publish-subscribe.mjs', [temporaryDirectory()])).toEqual([
    `mail: ${users}`,
    'metrics: free free free paid paid paid',
    `audit: ${users}`,
  ])
})

test('replay: from a moment on, by a consumer for itself and by a group', async () => {
  expect(await runExample('replay.mjs', [temporaryDirectory()])).toEqual([
    'replayed hours 12 to 23',
    'dashboard read hours 0 to 23',
    'dashboard was at offset 24, and is set back to 18',
    'dashboard read hours 18 to 23 again',
  ])
})

function doneBy(worker: string, lines: readonly string[]): number {
  return Number(/did (\d+)/.exec(lines.find((line) => line.startsWith(`${worker} did`)) ?? '')?.[1])
}

function againIn(lines: readonly string[]): number {
  return Number(/, (\d+) of/.exec(lines.at(-1) ?? '')?.[1])
}

import { expect, test } from 'vitest'
import { runStates } from './run-states.ts'
import { parseWorkload, type Workload, workloadsOf } from './workload.ts'

/** What `npm test` tries: the workloads of one step, a few of those of two, and some that matter in particular. */

const everyNthPair = 300

const chosen = [
  // What a killed process had not synced must be durable before it is served again.
  'os grown: append, kill, open',
  'interval grown: abort, cut, append transactional',
  // A durable point beyond the end would make a later loss look like damage.
  'sync grown: truncate far, append, append compressed',
  'os grown: append compressed, truncate, append',
  'os grown: roll, trim far, append idempotent',
  // Segments that retention and trimming have deleted must not come back before those that stay.
  'sync grown: retain, truncate far, open',
  'os grown: roll, epoch, append',
  // Nor, once they have, without their aborted transactions.
  'sync grown: abort, append several, trim far',
  'sync grown: delete, append, close',
  'os grown: append several, tear, open',
  'interval grown: roll, tear, truncate',
]

function* slice(): Generator<Workload> {
  for (const workload of workloadsOf(1)) if (workload.durability === 'sync') yield workload
  let index = 0
  for (const workload of workloadsOf(2)) if (index++ % everyNthPair === 0) yield workload
  for (const text of chosen) yield parseWorkload(text)
}

const seed = Number(process.env['TIDEMARK_SEED'] ?? '1')

test(`every disk that a power cut can leave opens as promised (samples from seed ${seed})`, {
  timeout: 600_000,
}, async () => {
  const report = await runStates({ seed, workloads: slice() })
  expect(report.violations).toEqual([])
  expect(report.states).toBeGreaterThan(10_000)
  expect(report.opened).toBeGreaterThan(1000)
  expect(report.recovered).toBeGreaterThan(100)
})

test('the same workload has the same disks every time', async () => {
  const run = async () => {
    const workloads = [parseWorkload('sync grown: abort, close')]
    const { durationMs: _, ...counts } = await runStates({ seed: 7, workloads })
    return counts
  }
  const first = await run()
  expect(first.opened).toBeGreaterThan(5)
  expect(await run()).toEqual(first)
})

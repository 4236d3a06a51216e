import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { type Plan, planOf } from './log-operation.ts'
import { runPlan } from './log-simulation.ts'
import { shrinkPlan } from './shrink-plan.ts'

/** Runs of one test, unless `TIDEMARK_RUNS` says otherwise. */
const runCountDefault = 1000

/** Random runs use consecutive seeds from a random one on, or from `TIDEMARK_SEED`: that alone, but in CI. */
const firstSeed = Number(process.env['TIDEMARK_SEED'] ?? Math.floor(Math.random() * 2 ** 31))
const isOneMeant = process.env['TIDEMARK_SEED'] !== undefined && process.env['CI'] === undefined
const runCount = Number(process.env['TIDEMARK_RUNS'] ?? (isOneMeant ? 1 : runCountDefault))

/** Seeds that once found a bug, each with what it was: one per line, then a comment. */
function knownSeeds(): number[] {
  const lines = readFileSync(new URL('../../data/seeds/log-model.txt', import.meta.url), 'utf8').split('\n')
  return lines.filter((line) => /^\d/.test(line)).map((line) => Number.parseInt(line, 10))
}

async function failureOf(plan: Plan): Promise<Error | undefined> {
  try {
    await runPlan(plan)
    return undefined
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}

/** Runs the plans of all seeds; the first that fails is made smaller and shown. */
async function check(seeds: Iterable<number>): Promise<void> {
  for (const seed of seeds) {
    if ((await failureOf(planOf(seed))) === undefined) continue
    const { plan, failure } = await shrinkPlan(planOf(seed), failureOf)
    const shown = JSON.stringify(plan, undefined, 1)
    throw new Error(`TIDEMARK_SEED=${seed} fails: ${failure?.message}\nIts plan, shortened: ${shown}`, {
      cause: failure,
    })
  }
}

function* seedsFrom(first: number, count: number): Generator<number> {
  for (let index = 0; index < count; index++) yield first + index
}

test('the seeds that once failed', async () => {
  await check(knownSeeds())
})

test(`${runCount} random runs from seed ${firstSeed} on agree with the model`, {
  timeout: 3_600_000,
}, async () => {
  await check(seedsFrom(firstSeed, runCount))
  expect(runCount).toBeGreaterThan(0)
})

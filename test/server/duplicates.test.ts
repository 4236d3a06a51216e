import { expect, test } from 'vitest'
import { produceThroughCuts } from './duplicates-trial.ts'

/** `TIDEMARK_DUPLICATES=1000000` makes as many records, through a hundredth of cuts; the seed is `TIDEMARK_SEED`. */
const recordCount = Number(process.env['TIDEMARK_DUPLICATES'] ?? 100_000)
const seed = Number(process.env['TIDEMARK_SEED'] ?? 1)
const timeout = 600_000 + 10 * recordCount

test('connections that are cut between append and answer neither lose nor double a record', {
  timeout,
}, async () => {
  const task = { seed, recordCount, recordsPerBatch: 20, cutOneIn: 7, restartCount: 8 }
  const { cutCount, ...rest } = await produceThroughCuts(task)
  console.info(`seed ${seed}: ${recordCount} records, ${cutCount} cuts`)
  expect(cutCount).toBeGreaterThanOrEqual(recordCount / 200)
  expect(rest).toEqual({
    ...{ readCount: recordCount, restartCount: 8 },
    ...{ duplicateCount: 0, lostCount: 0, disorderCount: 0, misplacedCount: 0 },
  })
})

test('a broker that forgets its producers when it starts is caught', { timeout }, async () => {
  const task = { seed, recordCount: 10_000, recordsPerBatch: 20, cutOneIn: 4, restartCount: 12 }
  const { duplicateCount } = await produceThroughCuts({ ...task, forgetsProducers: true })
  expect(duplicateCount).toBeGreaterThan(0)
})

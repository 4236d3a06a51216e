import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { groupPlans } from './groups-operation.ts'
import { liveThrough } from './groups-simulation.ts'

const seed = process.env['TIDEMARK_SEED'] === undefined ? {} : { seed: Number(process.env['TIDEMARK_SEED']) }
const lifeCount = 60
/** Lives in which nothing is ever given out anew would prove little. */
const rebalancesMin = 200

test('whatever happens to members and coordinator: one owner per partition, no offset goes back, and all come to rest', async () => {
  let rebalanceCount = 0
  const property = fc.asyncProperty(groupPlans, async (plan) => {
    rebalanceCount += (await liveThrough(plan)).rebalanceCount
  })
  await fc.assert(property, { numRuns: lifeCount, ...seed })
  console.log(`${rebalanceCount} rebalances in ${lifeCount} lives`)
  expect(rebalanceCount).toBeGreaterThan(rebalancesMin)
})

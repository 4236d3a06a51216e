import { describe, expect, test } from 'vitest'
import { useWorkbench } from './compiled-rig.ts'
import type { Outcome } from './outcome.ts'
import { missingForCuts } from './requirements.ts'
import { bite, teeth } from './teeth.ts'
import { parseTrial } from './trial.ts'

const bench = useWorkbench()
const timeout = 900_000
const cutsMax = 40

describe.each(['ext4', 'xfs'] as const)('a power cut on %s', (fileSystem) => {
  const missing = missingForCuts(fileSystem)
  const when = missing === undefined ? '' : ` (left out: ${missing})`
  const run = test.runIf(missing === undefined)

  /** So many cuts, and more until one of them is `telling`: some come before anything is acknowledged. */
  async function cut(
    durability: string,
    count: number,
    telling: (outcome: Outcome) => boolean = () => true,
  ): Promise<Outcome[]> {
    const outcomes: Outcome[] = []
    for (let seed = 1; seed <= count || (seed <= cutsMax && !outcomes.some(telling)); seed++) {
      const name = `cuts ${fileSystem} ${durability} ${seed}`
      const outcome = await bench.run(parseTrial(name))
      expect(outcome.findings, name).toEqual([])
      outcomes.push(outcome)
    }
    return outcomes
  }

  run(`takes nothing that was acknowledged under 'sync'${when}`, { timeout }, async () => {
    const isPut = ({ acknowledged }: Outcome) => acknowledged > 0
    const outcomes = await cut('sync', 10, isPut)
    expect(outcomes.some(isPut)).toBe(true)
    expect(outcomes.every(({ shed }) => shed === 0)).toBe(true)
  })

  run(`takes no more than the interval under 'interval'${when}`, { timeout }, async () => {
    await cut('interval', 3)
  })

  run(`takes what was not synced under 'os', or it is no power cut${when}`, { timeout }, async () => {
    const isLosing = ({ shed }: Outcome) => shed > 0
    expect((await cut('os', 6, isLosing)).some(isLosing)).toBe(true)
  })

  for (const tooth of teeth.filter(({ trials }) => trials.startsWith(`cuts ${fileSystem}`)))
    run(`catches ${tooth.mutant} under ${tooth.trials}${when}`, { timeout }, async () => {
      expect(await bite(tooth, bench)).toBeDefined()
    })
})

import { describe, expect, test } from 'vitest'
import { useWorkbench } from './compiled-rig.ts'
import type { Outcome } from './outcome.ts'
import { missingForCuts } from './requirements.ts'
import { bite, teeth } from './teeth.ts'
import { parseTrial } from './trial.ts'

const bench = useWorkbench()
const timeout = 120_000

describe.each(['ext4', 'xfs'] as const)('a power cut on %s', (fileSystem) => {
  const missing = missingForCuts(fileSystem)
  const when = missing === undefined ? '' : ` (left out: ${missing})`
  const run = test.runIf(missing === undefined)

  async function cut(durability: string, count: number): Promise<Outcome[]> {
    const outcomes: Outcome[] = []
    for (let seed = 1; seed <= count; seed++) {
      const name = `cuts ${fileSystem} ${durability} ${seed}`
      const outcome = await bench.run(parseTrial(name))
      expect(outcome.findings, name).toEqual([])
      outcomes.push(outcome)
    }
    return outcomes
  }

  run(`takes nothing that was acknowledged under 'sync'${when}`, { timeout }, async () => {
    const outcomes = await cut('sync', 10)
    expect(outcomes.some(({ acknowledged }) => acknowledged > 0)).toBe(true)
    expect(outcomes.every(({ shed }) => shed === 0)).toBe(true)
  })

  run(`takes no more than the interval under 'interval'${when}`, { timeout }, async () => {
    await cut('interval', 3)
  })

  run(`takes what was not synced under 'os', or it is no power cut${when}`, { timeout }, async () => {
    const outcomes = await cut('os', 6)
    expect(outcomes.some(({ shed }) => shed > 0)).toBe(true)
  })

  for (const tooth of teeth.filter(({ trials }) => trials.startsWith(`cuts ${fileSystem}`)))
    run(`catches ${tooth.mutant} under ${tooth.trials}${when}`, { timeout }, async () => {
      expect(await bite(tooth, bench)).toBeDefined()
    })
})

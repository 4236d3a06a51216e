import { describe, expect, test } from 'vitest'
import { useWorkbench } from './compiled-rig.ts'
import { bite, teeth } from './teeth.ts'

const bench = useWorkbench()
const timeout = 900_000

describe('a writer that is killed', () => {
  test.each(['sync', 'interval', 'os'] as const)(
    'keeps under %s all that was acknowledged',
    { timeout },
    async (durability) => {
      let kills = 0
      for (let seed = 1; kills < 12; seed++) {
        const outcome = await bench.run({ rig: 'kills', durability, seed })
        expect(outcome.findings, `kills ${durability} ${seed}`).toEqual([])
        kills += outcome.kills
      }
    },
  )

  const killTeeth = teeth.filter(({ trials }) => trials.startsWith('kills'))
  test.each(killTeeth)('$trials catches $mutant', { timeout }, async (tooth) => {
    expect(await bite(tooth, bench)).toBeDefined()
  })
})

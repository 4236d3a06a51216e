import { describe, expect, test } from 'vitest'
import { useWorkbench } from './compiled-rig.ts'
import { bite, teeth } from './teeth.ts'

const bench = useWorkbench()
const timeout = 900_000

describe('a broker that is killed', () => {
  test.each(['sync', 'interval', 'os'] as const)(
    'keeps under %s all that it acknowledged to producers and groups',
    { timeout },
    async (durability) => {
      let kills = 0
      let acknowledged = 0
      // Some brokers are killed before anything is acknowledged.
      for (let seed = 1; kills < 4 || acknowledged === 0; seed++) {
        const outcome = await bench.run({ rig: 'broker', durability, seed })
        expect(outcome.findings, `broker ${durability} ${seed}`).toEqual([])
        kills += outcome.kills
        acknowledged += outcome.acknowledged
      }
    },
  )

  const brokerTeeth = teeth.filter(({ trials }) => trials.startsWith('broker'))
  test.each(brokerTeeth)('$trials catches $mutant', { timeout }, async (tooth) => {
    expect(await bite(tooth, bench)).toBeDefined()
  })
})

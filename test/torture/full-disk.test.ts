import { describe, expect, test } from 'vitest'
import { useWorkbench } from './compiled-rig.ts'
import { resumeMsMax } from './full-rig.ts'
import { missingForMounts } from './requirements.ts'
import { bite, teeth } from './teeth.ts'

const bench = useWorkbench()
const timeout = 900_000
const missing = missingForMounts()
const when = missing === undefined ? '' : ` (left out: ${missing})`
const run = test.runIf(missing === undefined)

describe(`a disk that is full${when}`, () => {
  run('is read and trimmed, and written again as soon as there is room', { timeout }, async () => {
    for (let seed = 1; seed <= 4; seed++) {
      const { findings, resumeMs } = await bench.run({ rig: 'full', seed })
      expect(findings, `full ${seed}`).toEqual([])
      expect(resumeMs).toBeLessThan(resumeMsMax)
    }
  })

  for (const tooth of teeth.filter(({ trials }) => trials === 'full'))
    run(`catches ${tooth.mutant}`, { timeout }, async () => {
      expect(await bite(tooth, bench)).toBeDefined()
    })
})

import { describe, expect, test } from 'vitest'
import { useWorkbench } from './compiled-rig.ts'
import { readSeeds } from './seed-file.ts'
import { formatTrial, parseTrial } from './trial.ts'
import { missingFor } from './workbench.ts'

const bench = useWorkbench()

describe('trials that once failed', () => {
  for (const trial of readSeeds('torture').map(parseTrial)) {
    const missing = missingFor(trial)
    const name = `${formatTrial(trial)}${missing === undefined ? '' : ` (left out: ${missing})`}`
    test.runIf(missing === undefined)(name, async () => {
      expect((await bench.run(trial)).findings).toEqual([])
    })
  }
})

describe('a trial is written as a line', () => {
  test.each(['kills sync 1', 'broker os 2', 'cuts xfs interval 20', 'full 300'])('%s', (line) => {
    expect(formatTrial(parseTrial(line))).toBe(line)
  })

  test.each(['', 'kills 1', 'cuts ntfs sync 1', 'full -1', 'kills sync 1 2'])('"%s" is none', (line) => {
    expect(() => parseTrial(line)).toThrow(RangeError)
  })
})

import { afterEach, expect, test, vi } from 'vitest'
import { Batch } from '../../src/batch/batch.ts'
import { bitFlips, bitFlipsOf } from './bit-flips.ts'
import { describeBroken, runCases } from './case-rig.ts'
import { damagedLogs } from './damaged-logs.ts'

/** Of the bits of all files of each log; the long form goes on where this slice ends. */
const flipCount = 1000

afterEach(() => {
  vi.restoreAllMocks()
})

test.each(damagedLogs)('no flipped bit of any file lets a wrong record out: %s', async (log) => {
  const report = await runCases(bitFlipsOf([log]), { seed: 1, caseCountMax: flipCount })
  expect(describeBroken(report)).toBe('')
  // Batches take much of the files, and there is hardly a bit in them that may be otherwise.
  const refused = (report.counts.get('refused at read') ?? 0) + (report.counts.get('refused at open') ?? 0)
  expect(refused).toBeGreaterThan(flipCount / 3)
})

test('a reader that skips the checksum is caught', async () => {
  vi.spyOn(Batch.prototype, 'fault').mockReturnValue(undefined)
  expect((await runCases(bitFlips, { seed: 1, caseCountMax: 200 })).broken.length).toBeGreaterThan(0)
})

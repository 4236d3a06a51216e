import { afterEach, expect, test, vi } from 'vitest'
import type { ScanStop } from '../../src/log/scan.ts'
import { describeBroken, runCases } from './case-rig.ts'
import { cuttings } from './cuttings.ts'

/** What a mutant makes of how a scan stopped. */
const mutant = vi.hoisted(() => ({
  change: undefined as ((stop: ScanStop, end: number) => ScanStop) | undefined,
}))

vi.mock(import('../../src/log/scan.ts'), async (importOriginal) => {
  const original = await importOriginal()
  return {
    ...original,
    async scanSegment(file, options) {
      const stop = await original.scanSegment(file, options)
      return mutant.change?.(stop, options.end) ?? stop
    },
  }
})

/** Of the lengths of the segment; the long form tries every one. */
const lengthCount = 1500

afterEach(() => {
  mutant.change = undefined
})

test('a segment of 1 MiB cut at any byte is recovered up to the last whole batch', async () => {
  const report = await runCases(cuttings, { seed: 1, stride: 683, caseCountMax: lengthCount })
  expect(describeBroken(report)).toBe('')
  expect(report.caseCount).toBe(lengthCount)
})

test('a recovery that takes a short batch at the end for a whole one is caught', async () => {
  mutant.change = (stop, end) =>
    stop.kind === 'incomplete' ? { kind: 'end', position: end, reason: '' } : stop
  expect((await runCases(cuttings, { seed: 1, caseCountMax: 50 })).broken.length).toBeGreaterThan(0)
})

test('a recovery that cuts one whole batch too many is caught', async () => {
  mutant.change = (stop) =>
    stop.kind === 'end' ? stop : { ...stop, position: Math.max(0, stop.position - 1) }
  expect((await runCases(cuttings, { seed: 1, caseCountMax: 50 })).broken.length).toBeGreaterThan(0)
})

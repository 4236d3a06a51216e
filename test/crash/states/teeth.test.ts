import { afterEach, describe, expect, test, vi } from 'vitest'
import { Batch } from '../../../src/batch/batch.ts'
import { engineMutants } from './engine-mutants.ts'
import { runStates, type StatesReport } from './run-states.ts'
import type { FileLayer } from './workload-run.ts'
import { parseWorkload } from './workload.ts'

/** Where each mutant is caught, and by what; without it the same workload passes. */
const teeth: Readonly<Record<string, readonly [workload: string, message: RegExp]>> = {
  'directory syncs dropped': ['sync nothing: append', /the file is missing/],
  'no sync before rename': ['sync grown: trim', /starts at \d+, but was durably cut to 2/],
  'write later': ['sync grown: append', /but what lies before \d+ was durable/],
  'sync later': ['sync grown: append', /but what lies before \d+ was durable/],
  'failed sync retried': ['sync grown: append', /but what lies before \d+ was durable/],
  'recovery not synced': ['os grown: append, kill, open', /strictly equal|was durable/],
  'start offset in place': ['sync grown: trim', /starts at 0, but was durably cut to 2/],
  'point before cut': ['sync grown: truncate', /fromOffset/],
}

async function violationsOf(workload: string, layer?: FileLayer): Promise<StatesReport['violations']> {
  const workloads = [parseWorkload(workload)]
  const { violations } = await runStates({ seed: 1, workloads, ...(layer && { layer }) })
  return violations
}

describe('deliberate bugs are caught', () => {
  test.each(Object.keys(engineMutants))('%s', async (name) => {
    const [workload = '', message = /$^/] = teeth[name] ?? []
    const violations = await violationsOf(workload, engineMutants[name])
    expect(violations.map((each) => each.message).join('\n')).toMatch(message)
    expect(await violationsOf(workload)).toEqual([])
  })

  afterEach(() => {
    vi.restoreAllMocks()
  })

  test('checksums not looked at', async () => {
    vi.spyOn(Batch.prototype, 'fault').mockReturnValue(undefined)
    const violations = await violationsOf('os grown: append compressed')
    expect(violations.length).toBeGreaterThan(0)
  })
})

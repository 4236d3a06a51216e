import assert from 'node:assert/strict'
import type { CaseRig } from './case-rig.ts'
import { runStates } from './states/run-states.ts'
import { parseWorkload } from './states/workload.ts'

const name = 'states'

/** One workload with every disk that a power cut may leave of it, as a case: `states sync grown: append, close`. */
export const crashStates: Pick<CaseRig, 'name' | 'tryCase'> = {
  name,
  async tryCase(line) {
    const workload = parseWorkload(line.slice(name.length + 1))
    const { violations, opened } = await runStates({ seed: 1, workloads: [workload] })
    assert.deepEqual(violations, [])
    return `${opened} disks`
  },
}

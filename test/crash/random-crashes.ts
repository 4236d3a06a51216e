import { planOf } from '../property/log-operation.ts'
import { runPlan } from '../property/log-simulation.ts'
import type { CaseRig } from './case-rig.ts'

const name = 'model'

/** Random operations, and crashes in the middle of them, against a model of the log: without end. */
export const randomCrashes: CaseRig = {
  name,

  async *cases(seed) {
    for (let next = seed; ; next++) yield `${name} ${next}`
  },

  async tryCase(line) {
    const [, digits] = /^model (\d+)$/.exec(line) ?? []
    if (digits === undefined) throw new RangeError(`not a run of the model: "${line}"`)
    const plan = planOf(Number(digits))
    await runPlan(plan)
    return plan.operations.some((operation) => operation.do === 'crash') ? 'with crashes' : 'without a crash'
  },
}

import type { CaseRig } from '../crash/case-rig.ts'
import { type GroupOperation, groupPlanOf } from './groups-operation.ts'
import { liveThrough } from './groups-simulation.ts'

const name = 'groups'

/** Random lives of consumer groups, without end. */
export const groupLives: CaseRig = {
  name,

  async *cases(seed) {
    for (let next = seed; ; next++) yield `${name} ${next}`
  },

  async tryCase(line) {
    const [, digits] = /^groups (\d+)$/.exec(line) ?? []
    if (digits === undefined) throw new RangeError(`not the life of a group: "${line}"`)
    const plan = groupPlanOf(Number(digits))
    const { rebalanceCount } = await liveThrough(plan)
    const count = (sought: GroupOperation['kind']): number =>
      plan.operations.filter(({ kind }) => kind === sought).length
    return { rebalances: rebalanceCount, 'coordinators lost': count('restart'), naps: count('nap') }
  },
}

import { crashStates } from '../crash/crash-states.ts'
import { runStates, type StatesReport } from '../crash/states/run-states.ts'
import type { Rig, RigReport, RigTask } from './rig.ts'
import { keepSeed } from './seed-file.ts'

/** Every disk that a power cut may leave of every short workload. */
export const statesRig: Rig = {
  name: crashStates.name,
  subject: 'every disk that a power cut may leave of workloads of up to three steps',
  share: 8,
  async run({ seed, endMs, isOver, say, progress }: RigTask): Promise<RigReport> {
    const report = await runStates({
      seed,
      budgetMs: Math.max(0, endMs - performance.now()),
      onProgress: (soFar) => progress(() => summaryOf(soFar)),
    })
    for (const { workload, point, state, message } of report.violations) {
      keepSeed('simulated', `${crashStates.name} ${workload}`)
      say(`${crashStates.name} ${workload}; ${point}; ${state.join(', ')}: ${message}`)
    }
    return {
      tryCount: report.states,
      findingCount: report.violations.length,
      summary: summaryOf(report),
      // It gives up when it has found enough.
      isComplete: !isOver() && report.violations.length === 0,
    }
  },
}

function summaryOf({ workloads, crashPoints, opened }: StatesReport): string {
  const [cuts, disks] = [crashPoints.toLocaleString('en'), opened.toLocaleString('en')]
  return `${workloads.toLocaleString('en')} workloads cut at ${cuts} points, ${disks} different disks opened`
}

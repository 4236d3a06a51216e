import { type CaseRig, describeBroken, describeCounts, runCases } from '../crash/case-rig.ts'
import type { Rig, RigReport, RigTask } from './rig.ts'
import { keepSeed } from './seed-file.ts'

/** Makes the cases of a rig in memory; those that fail are kept. */
export function simulatedRig(cases: CaseRig, subject: string, share: number): Rig {
  return {
    name: cases.name,
    subject,
    share,
    async run({ seed, isOver, say, progress }: RigTask): Promise<RigReport> {
      const report = await runCases(cases, {
        seed,
        isOver,
        onProgress: ({ caseCount, broken }) =>
          progress(() => `${caseCount.toLocaleString('en')} cases, ${broken.length} findings`),
      })
      for (const { line } of report.broken) keepSeed('simulated', line)
      if (report.broken.length > 0) say(describeBroken(report))
      return {
        tryCount: report.caseCount,
        findingCount: report.broken.length,
        summary: describeCounts(report),
        isComplete: report.isComplete,
      }
    },
  }
}

import { compare } from './compare.ts'
import type { Finding } from './finding.ts'
import type { History } from './history.ts'
import type { Identity } from './records.ts'
import { readSurvivors } from './survivors.ts'
import type { LogTask } from './writer-task.ts'

/**
 * Opens, reads and verifies the log in `directory` and holds it against `history`, which afterwards knows what is
 * there. Returns what is wrong.
 */
export async function examine(
  directory: string,
  seed: number,
  options: LogTask,
  history: History,
): Promise<Finding[]> {
  const findings: Finding[] = []
  const survivors = await readSurvivors(directory, seed, options, findings)
  if (survivors === undefined) return findings
  findings.push(...compare(history, survivors))
  const known: [number, Identity][] = []
  for (const { offset, identity } of survivors.records)
    if (identity !== undefined) known.push([offset, identity])
  history.replaceBy(survivors.startOffset, known, performance.now())
  return findings
}

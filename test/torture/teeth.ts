import type { FindingKind } from './finding.ts'
import type { Mutant } from './mutant-files.ts'
import type { Outcome } from './outcome.ts'
import { parseTrial, type Trial } from './trial.ts'
import type { Workbench } from './workbench.ts'

/** A bug that a rig must catch: the trials to make of it, without their seed, and what may be found. */
export interface Tooth {
  readonly mutant: Mutant
  readonly trials: string
  /** By which its kind is known; other findings may come with them. */
  readonly kinds: readonly FindingKind[]
}

export const teeth: readonly Tooth[] = [
  { mutant: 'write-later', trials: 'kills sync', kinds: ['lost', 'refused'] },
  { mutant: 'write-later', trials: 'kills interval', kinds: ['lost'] },
  { mutant: 'write-later', trials: 'kills os', kinds: ['lost'] },
  { mutant: 'write-later', trials: 'broker os', kinds: ['lost'] },
  { mutant: 'sync-lies', trials: 'cuts ext4 sync', kinds: ['lost', 'refused'] },
  { mutant: 'sync-later', trials: 'cuts ext4 sync', kinds: ['lost', 'refused'] },
  { mutant: 'no-sync-before-rename', trials: 'cuts ext4 sync', kinds: ['lost', 'damaged'] },
  { mutant: 'sync-lies', trials: 'cuts ext4 interval', kinds: ['lost', 'refused'] },
  { mutant: 'sync-lies', trials: 'cuts xfs sync', kinds: ['lost', 'refused'] },
  { mutant: 'short-write-passes', trials: 'full', kinds: ['lost', 'refused'] },
  { mutant: 'room-unseen', trials: 'full', kinds: ['slow'] },
  { mutant: 'retention-needs-room', trials: 'full', kinds: ['refused'] },
]

/** A mutant that survives so many trials has escaped. */
const trialsMax = 20

/** How many trials the mutant survived before it was caught; undefined when it escaped. */
export async function bite(tooth: Tooth, bench: Pick<Workbench, 'run'>): Promise<number | undefined> {
  for (let survived = 0; survived < trialsMax; survived++) {
    const { findings } = await bench.run(trialOf(tooth, survived + 1), tooth.mutant)
    if (findings.some(({ kind }) => tooth.kinds.includes(kind))) return survived
  }
  return undefined
}

/** One of the trials of a tooth. */
export function trialOf({ trials }: Tooth, seed: number): Trial {
  return parseTrial(`${trials} ${seed}`)
}

/**
 * Whether power cuts under `'os'` took acknowledged records as they must, where there were some to take. A rig whose
 * cuts spare what was never synced proves nothing about what was.
 */
export function isControlLosing(outcomes: readonly Outcome[]): boolean {
  const exposed = outcomes.filter((outcome) => outcome.exposed)
  return exposed.filter(({ shed }) => shed > 0).length * 2 >= exposed.length
}

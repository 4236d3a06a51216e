import type { Durability } from '../../src/log/public.ts'
import type { FileSystem } from './loop-disk.ts'
import type { Mutant } from './mutant-files.ts'
import type { Outcome } from './outcome.ts'

/** One run of one rig, all of whose choices follow from the seed; only the moment at which a process is hit does not repeat. */
export type Trial =
  | { readonly rig: 'kills' | 'broker'; readonly durability: Durability; readonly seed: number }
  | {
      readonly rig: 'cuts'
      readonly fileSystem: FileSystem
      readonly durability: Durability
      readonly seed: number
    }
  | { readonly rig: 'full'; readonly seed: number }

/** Where trials run, and against what. */
export interface Workplace {
  /** The compiled writer. */
  readonly writerPath: string
  /** An empty directory of the trial's own. */
  readonly directory: string
  /** The bug to be caught; undefined for the engine as it is. */
  readonly mutant?: Mutant | undefined
}

/** The trial as one line of words, as it is kept in a file of seeds. */
export function formatTrial(trial: Trial): string {
  if (trial.rig === 'full') return `full ${trial.seed}`
  if (trial.rig !== 'cuts') return `${trial.rig} ${trial.durability} ${trial.seed}`
  return `cuts ${trial.fileSystem} ${trial.durability} ${trial.seed}`
}

/** Throws RangeError for a line that is no trial. */
export function parseTrial(line: string): Trial {
  const match =
    /^(?:(full)|(kills|broker) (sync|interval|os)|(cuts) (ext4|xfs) (sync|interval|os)) (\d+)$/.exec(line)
  if (match === null) throw new RangeError(`not a trial: "${line}"`)
  const [, full, killRig, killDurability, , fileSystem, cutDurability, digits] = match
  const seed = Number(digits)
  if (full !== undefined) return { rig: 'full', seed }
  if (killRig === 'kills' || killRig === 'broker')
    return { rig: killRig, durability: killDurability as Durability, seed }
  const durability = cutDurability as Durability
  return { rig: 'cuts', fileSystem: fileSystem as FileSystem, durability, seed }
}

/** Runs one trial. Its rig is loaded when it is needed. */
export async function runTrial(trial: Trial, workplace: Workplace): Promise<Outcome> {
  if (trial.rig === 'kills') return (await import('./kill-rig.ts')).killWriters(trial, workplace)
  if (trial.rig === 'broker') return (await import('./broker-rig.ts')).killBrokers(trial, workplace)
  if (trial.rig === 'cuts') return (await import('./cut-rig.ts')).cutPower(trial, workplace)
  return (await import('./full-rig.ts')).fillDisk(trial, workplace)
}

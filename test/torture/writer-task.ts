import type { Durability } from '../../src/log/public.ts'
import type { SeededRandom } from '../../src/testing/seeded-random.ts'
import type { Mutant } from './mutant-files.ts'

/** What a writer does beside appending. */
export type Chore = 'flush' | 'trim' | 'truncate' | 'reopen'

/** What a writer is told, as JSON in its first argument. */
export interface WriterTask {
  readonly directory: string
  readonly seed: number
  /** Which life of the writer this is, from 0. */
  readonly life: number
  /** Appends under way at a time. */
  readonly lanes: number
  readonly chores: readonly Chore[]
  /** Between two chores, at most. */
  readonly choreEveryMs: number
  readonly log: LogTask
  readonly mutant: Mutant | undefined
}

/** How the writer opens its log. */
export interface LogTask {
  readonly durability: Durability
  readonly syncIntervalMs: number
  readonly segmentBytes: number
  readonly indexIntervalBytes: number
  readonly reserveBytes: number
  readonly fileDeleteDelayMs: number
}

/** The interval that writers are held to under `'interval'`. */
export const syncIntervalMs = 50

const everyChore: readonly Chore[] = ['flush', 'trim', 'truncate', 'reopen']

/** How a writer of `seed` writes, as `random` has it: segments small enough to roll, more or less of everything. */
export function drawTask(
  random: SeededRandom,
  fixed: Pick<WriterTask, 'directory' | 'seed' | 'life' | 'mutant'> & { durability: Durability },
): WriterTask {
  const { durability, ...rest } = fixed
  return {
    ...rest,
    lanes: random.pick([1, 4, 16]),
    chores: random.int(4) === 0 ? [] : everyChore.filter(() => random.int(3) > 0),
    choreEveryMs: random.pick([10, 40, 100]),
    log: {
      ...{ durability, syncIntervalMs },
      segmentBytes: random.pick([64, 128, 1024]) * 1024,
      indexIntervalBytes: random.pick([0, 1024, 4096]),
      reserveBytes: 64 * 1024,
      fileDeleteDelayMs: random.pick([0, 20]),
    },
  }
}

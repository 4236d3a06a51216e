import type { SeededRandom } from './seeded-random.ts'

/** What a {@link CrashChooser} is asked to decide about. */
export interface CrashQuestion {
  /**
   * - `entry`: did this create, rename or remove reach the disk? Answers: `[no, yes]`.
   * - `truncate`: did this truncate? Answers: `[no, yes]`.
   * - `write`: how much of this write did? Answers: `[nothing, all, ...torn ways]`.
   * - `cut`: at which of the 512-byte boundaries inside the write was it torn? Answers: first to last boundary.
   * - `fill`: what do new bytes that the write never filled read as? Answers: `[zeros, garbage]`.
   */
  readonly about: 'entry' | 'truncate' | 'write' | 'cut' | 'fill'
  /** The path or name concerned, for people. */
  readonly path: string
}

/** Decides what a power cut leaves, one question at a time, in an order that depends on the answers only. */
export interface CrashChooser {
  /** Picks one of `count` legal answers as an integer in `[0, count)`. Never asked when there is only one. */
  choose(count: number, question: CrashQuestion): number
}

/** The strictest disk: all that was not synced is lost. */
export const loseUnsynced: CrashChooser = { choose: () => 0 }

/** The luckiest disk: all entries and writes had reached it. */
export const keepUnsynced: CrashChooser = { choose: (_count, { about }) => (isYesNo(about) ? 1 : 0) }

/**
 * Chooses at random, with a temper drawn once per crash: how much tends to be kept, and whether everything after
 * the first loss is lost too. So that long prefixes, lone survivors and thorough mixtures all turn up.
 */
export function randomCrash(random: SeededRandom): CrashChooser {
  const keepRate = random.pick([0, 0.5, 0.9, 0.99])
  const endsAtFirstLoss = random.next() < 0.5
  let hasLost = false
  const choose = (count: number, { about }: CrashQuestion): number => {
    if (!isYesNo(about)) return random.int(count)
    if (hasLost && endsAtFirstLoss) return 0
    if (random.next() < keepRate) return 1
    hasLost = true
    return random.next() < 0.5 ? 0 : random.int(count)
  }
  return { choose }
}

function isYesNo(about: CrashQuestion['about']): boolean {
  return about === 'entry' || about === 'truncate' || about === 'write'
}

import {
  type CrashChooser,
  type CrashQuestion,
  keepUnsynced,
  loseUnsynced,
  randomCrash,
} from './crash-chooser.ts'
import type { MemoryFiles } from './memory-files.ts'
import type { SeededRandom } from './seeded-random.ts'

/** One thing that a power cut decided. */
export interface CrashAnswer {
  readonly question: CrashQuestion
  /** How many answers were legal. */
  readonly count: number
  readonly answer: number
}

/** One disk that a power cut may leave, and how it came to be so. */
export interface CrashOutcome {
  readonly files: MemoryFiles
  readonly answers: readonly CrashAnswer[]
}

/** Which of the outcomes of one cut are looked at. */
export interface CrashBranches {
  /** What decides where an outcome does not deviate. Default: everything that was not synced is lost. */
  readonly base?: CrashChooser
  /** In how many entries, writes and truncates an outcome may deviate from `base`. Default: any number. */
  readonly deviationsMax?: number
}

/**
 * What a cut at this moment may leave, by deviating from `base` in ever more places; without a limit that is every
 * legal outcome, each once. Where and how a write was torn comes with the deviation that it was.
 */
export function* crashOutcomes(
  files: MemoryFiles,
  { base = loseUnsynced, deviationsMax = Number.POSITIVE_INFINITY }: CrashBranches = {},
): Generator<CrashOutcome> {
  const waiting: { readonly prefix: readonly number[]; readonly deviations: number }[] = [
    { prefix: [], deviations: 0 },
  ]
  for (let branch = waiting.pop(); branch !== undefined; branch = waiting.pop()) {
    const outcome = imagine(files, base, branch.prefix)
    yield outcome
    const given = outcome.answers.map(({ answer }) => answer)
    for (let at = branch.prefix.length; at < given.length; at++) {
      const { question, count, answer } = outcome.answers[at] as CrashAnswer
      const deviations = branch.deviations + (isDetail(question) ? 0 : 1)
      if (deviations > deviationsMax) continue
      // The last to come in is the first to come out.
      for (let other = count - 1; other >= 0; other--)
        if (other !== answer) waiting.push({ prefix: [...given.slice(0, at), other], deviations })
    }
  }
}

/** How many outcomes of one cut are worth looking at. */
export interface CrashSurveyOptions {
  /** Up to about so many legal outcomes, all of them. */
  readonly exhaustiveMax: number
  /** Else pairs of deviations, if there are at most so many; single ones in any case. */
  readonly pairsMax: number
  /** And so many at random. */
  readonly sampleCount: number
  readonly random: SeededRandom
}

/** By which bound a survey went. */
export type CrashSurveyBound = 'exhaustive' | 'pairs' | 'singles'

/** Outcomes of one cut, some perhaps twice. */
export interface CrashSurvey {
  readonly bound: CrashSurveyBound
  readonly outcomes: Iterable<CrashOutcome>
}

/**
 * All outcomes of a cut at this moment, where they are few enough. Else those that deviate in one place, or two, from
 * everything kept and from everything lost, those that keep the first so many changes, and some at random.
 */
export function surveyCrash(files: MemoryFiles, options: CrashSurveyOptions): CrashSurvey {
  const { answers } = imagine(files, keepUnsynced, [])
  const outcomeCount = answers.reduce((product, { count }) => product * count, 1)
  if (outcomeCount <= options.exhaustiveMax) return { bound: 'exhaustive', outcomes: crashOutcomes(files) }
  const singleCount = answers.reduce((sum, { count }) => sum + count - 1, 0)
  const deviationsMax = (singleCount * singleCount) / 2 <= options.pairsMax ? 2 : 1
  return {
    bound: deviationsMax === 2 ? 'pairs' : 'singles',
    outcomes: someOutcomes(files, answers.length, deviationsMax, options),
  }
}

function* someOutcomes(
  files: MemoryFiles,
  questionCount: number,
  deviationsMax: number,
  { sampleCount, random }: CrashSurveyOptions,
): Generator<CrashOutcome> {
  yield* crashOutcomes(files, { base: keepUnsynced, deviationsMax })
  yield* crashOutcomes(files, { base: loseUnsynced, deviationsMax })
  for (let kept = 1; kept < questionCount; kept++) yield imagine(files, keepFirst(kept), [])
  for (let count = 0; count < sampleCount; count++) yield imagine(files, randomCrash(random), [])
}

/** The disk on which what was asked about first is kept, and the rest lost. */
function keepFirst(keptCount: number): CrashChooser {
  let left = keptCount
  return { choose: (count, question) => (left-- > 0 ? keepUnsynced : loseUnsynced).choose(count, question) }
}

/** The outcome that answers with `prefix` first, and then as `base` does. */
function imagine(files: MemoryFiles, base: CrashChooser, prefix: readonly number[]): CrashOutcome {
  const answers: CrashAnswer[] = []
  const choose = (count: number, question: CrashQuestion): number => {
    const answer = prefix[answers.length] ?? base.choose(count, question)
    answers.push({ question, count, answer })
    return answer
  }
  return { files: files.imagineCrash({ choose }), answers }
}

/** Of a deviation that is counted already. */
function isDetail({ about }: CrashQuestion): boolean {
  return about === 'cut' || about === 'fill'
}

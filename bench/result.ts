import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Machine, Versions } from './machine.ts'
import { projectRoot } from './project-root.ts'
import { type Figure, ratioOf } from './rounds.ts'
import type { Spread } from './statistics.ts'
import type { Claim, PreparedSuite, Suite } from './suite.ts'

/** What one run of one suite measured, as it is stored. */
export interface SuiteResult {
  readonly suite: string
  readonly about: string
  /** When it began, in ISO 8601. */
  readonly date: string
  readonly machine: Machine
  readonly versions: Versions
  /** Whether it was a quick run, whose figures are not to be quoted. */
  readonly quick: boolean
  readonly figures: readonly Figure[]
  readonly ratios: readonly Ratio[]
  readonly verdicts: readonly Verdict[]
}

/** How many times one figure is another, round by round. */
export interface Ratio extends Spread {
  readonly figure: string
  readonly against: string
}

/** A claim, and what became of it. */
export interface Verdict extends Claim {
  /** The figure, or the ratio, that was measured: the median. */
  readonly actual: number
  readonly met: boolean
}

/** Holds what was measured against what the suite claims. Claims about a peer that is not installed are left out. */
export function judge(
  suite: Suite,
  { claims, ratios = [] }: PreparedSuite,
  figures: readonly Figure[],
): Pick<SuiteResult, 'suite' | 'about' | 'figures' | 'ratios' | 'verdicts'> {
  const byName = new Map(figures.map((figure) => [figure.name, figure]))
  const claimed = claims.flatMap(({ figure, against }) =>
    against === undefined ? [] : [[figure, against] as const],
  )
  return {
    suite: suite.name,
    about: suite.about,
    figures,
    ratios: [...claimed, ...ratios].flatMap(([name, againstName]) => {
      const figure = byName.get(name)
      const against = byName.get(againstName)
      if (figure === undefined || against === undefined) return []
      return [{ figure: name, against: againstName, ...ratioOf(figure, against) }]
    }),
    verdicts: claims.flatMap((claim) => verdictOn(claim, byName)),
  }
}

function verdictOn(claim: Claim, byName: ReadonlyMap<string, Figure>): Verdict[] {
  const figure = byName.get(claim.figure)
  const against = claim.against === undefined ? undefined : byName.get(claim.against)
  if (figure === undefined || (claim.against !== undefined && against === undefined)) return []
  const actual = against === undefined ? figure.median : ratioOf(figure, against).median
  const met = claim.sense === 'at least' ? actual >= claim.bound : actual <= claim.bound
  return [{ ...claim, actual, met }]
}

const resultsDirectory = join(projectRoot, 'bench', 'results')

/** Stores a result where {@link latestResults} finds it: one file a suite and day. Returns the path. */
export function storeResult(result: SuiteResult): string {
  const path = join(resultsDirectory, `${result.suite}-${result.date.slice(0, 10)}.json`)
  writeResults(path, result)
  return path
}

/** Writes results as JSON to a file, whose directory is made. */
export function writeResults(path: string, results: SuiteResult | readonly SuiteResult[]): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, `${JSON.stringify(results, undefined, 2)}\n`)
}

/** The newest stored result of each suite. */
export function latestResults(): Map<string, SuiteResult> {
  mkdirSync(resultsDirectory, { recursive: true })
  const names = readdirSync(resultsDirectory).filter((name) => name.endsWith('.json'))
  const results = names.map(
    (name) => JSON.parse(readFileSync(join(resultsDirectory, name), 'utf8')) as SuiteResult,
  )
  return new Map(
    results.toSorted((a, b) => a.date.localeCompare(b.date)).map((result) => [result.suite, result]),
  )
}

/** A rig whose world is in memory, so that what happens in a case follows from its line alone. */
export interface CaseRig {
  /** The first word of each of its lines. */
  readonly name: string
  /**
   * The cases to make, one a line. What became of each is handed back in its words, for the next may depend on it. It ends when
   * there are no more; where there are too many, `seed` decides which come first.
   */
  cases(seed: number): AsyncGenerator<string, void, string>
  /** Makes one case. Resolves with what became of it; rejects where a promise was broken. */
  tryCase(line: string): Promise<CaseOutcome>
}

/** What became of a case, in a few words, or what there was of several things in it, by what they are. */
export type CaseOutcome = string | Readonly<Record<string, number>>

/** When to stop making cases, and whom to tell. */
export interface CaseRun {
  readonly seed: number
  /** Whether the time is up. Default: it never is. */
  readonly isOver?: () => boolean
  /** Every so many cases one is made. Default 1. */
  readonly stride?: number
  /** Default: as many as there are. */
  readonly caseCountMax?: number
  readonly onProgress?: (report: CaseReport) => void
}

/** A case in which a promise was broken. */
export interface BrokenCase {
  readonly line: string
  readonly error: unknown
}

export interface CaseReport {
  readonly caseCount: number
  /** What became of how many, and how much there was in all of what {@link CaseRig.tryCase} counted. */
  readonly counts: ReadonlyMap<string, number>
  readonly broken: readonly BrokenCase[]
  /** Whether all cases that there are were made. */
  readonly isComplete: boolean
}

/** After so many broken cases the rest would tell nothing new. */
const brokenMax = 20

/** What is handed back for a case that was left out, or broken. */
const untold = ''

/** Makes one case after the other. */
export async function runCases(rig: CaseRig, run: CaseRun): Promise<CaseReport> {
  const { seed, isOver = () => false, stride = 1, caseCountMax = Infinity, onProgress } = run
  const report = { caseCount: 0, counts: new Map<string, number>(), broken: [] as BrokenCase[] }
  const cases = rig.cases(seed)
  let isComplete = false
  let outcome = untold
  for (let index = 0; report.caseCount < caseCountMax && report.broken.length < brokenMax; index++) {
    if (isOver()) break
    const { value: line, done } = await cases.next(outcome)
    if (done === true) {
      isComplete = true
      break
    }
    outcome = untold
    if (index % stride !== 0) continue
    report.caseCount++
    outcome = addUp(await tryOne(rig, line, report.broken), report.counts)
    onProgress?.({ ...report, isComplete })
  }
  return { ...report, isComplete }
}

/** Adds an outcome up, and returns its words. */
function addUp(outcome: CaseOutcome, counts: Map<string, number>): string {
  if (outcome === untold) return untold
  const amounts = typeof outcome === 'string' ? { [outcome]: 1 } : outcome
  for (const [what, amount] of Object.entries(amounts)) counts.set(what, (counts.get(what) ?? 0) + amount)
  return typeof outcome === 'string' ? outcome : untold
}

async function tryOne(rig: CaseRig, line: string, broken: BrokenCase[]): Promise<CaseOutcome> {
  try {
    return await rig.tryCase(line)
  } catch (error) {
    broken.push({ line, error })
    return untold
  }
}

/** The broken cases, one a line, each with what was wrong: empty when there are none. */
export function describeBroken({ broken }: CaseReport): string {
  return broken.map(({ line, error }) => `${line}: ${messageOf(error)}`).join('\n')
}

/** `500 of this, 20 of that`. */
export function describeCounts({ counts }: CaseReport): string {
  return [...counts].map(([outcome, count]) => `${count.toLocaleString('en')} ${outcome}`).join(', ')
}

/**
 * All whole numbers below `count`, each once, in an order that comes everywhere soon: each is away from the one before
 * by the golden section of them all.
 */
export function* scattered(count: number, seed: number): Generator<number> {
  let step = Math.max(1, Math.floor(count * 0.618_033_988_75))
  while (greatestCommonDivisor(step, count) > 1) step++
  for (let made = 0, at = seed % Math.max(1, count); made < count; made++) {
    yield at
    at = (at + step) % count
  }
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

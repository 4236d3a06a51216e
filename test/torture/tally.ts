import { findingKinds } from './finding.ts'
import { nothingHappened, type Outcome } from './outcome.ts'
import { formatTrial, type Trial } from './trial.ts'

/** Adds up what trials did and found, by their rig and what they ran on. */
export class Tally {
  readonly #outcomes = new Map<string, Outcome[]>()

  add(trial: Trial, outcome: Outcome): void {
    const name = formatTrial(trial).replace(/ \d+$/, '')
    this.#outcomes.set(name, [...(this.#outcomes.get(name) ?? []), outcome])
  }

  get findingCount(): number {
    return sum([...this.#outcomes.values()].flat().map(({ findings }) => findings.length))
  }

  /** The outcomes of the trials whose name matches. */
  matching(name: RegExp): Outcome[] {
    return [...this.#outcomes].flatMap(([each, outcomes]) => (name.test(each) ? outcomes : []))
  }

  /** A table in Markdown. */
  format(): string {
    const rows = [...this.#outcomes]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, outcomes]) => rowOf(name, outcomes))
    if (rows.length > 1) rows.push(rowOf('all', [...this.#outcomes.values()].flat()))
    return formatTable(headings, rows)
  }

  /** What happened, in a few words. */
  describe(): string {
    const { kills, cuts, fills, acknowledged } = [...this.#outcomes.values()]
      .flat()
      .reduce(plus, nothingHappened)
    const counts = [
      [kills, 'kills'],
      [cuts[0] + cuts[1] + cuts[2], 'power cuts'],
      [fills, 'full disks'],
      [acknowledged, 'records acknowledged'],
    ] as const
    return counts
      .filter(([count]) => count > 0)
      .map(([count, what]) => `${count.toLocaleString('en')} ${what}`)
      .join(', ')
  }
}

/** A table in Markdown. */
export function formatTable(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  return [titles, titles.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

const headings = [
  ...['trials', 'kills', 'cuts (flag 0 / 1 / 2)', 'disk full', 'acknowledged', 'allowed losses'],
  ...['oldest of them, ms', 'writes again after, ms', ...findingKinds],
]

function rowOf(name: string, outcomes: readonly Outcome[]): string[] {
  const total = outcomes.reduce(plus, nothingHappened)
  const { kills, cuts, fills, acknowledged, shed, shedAgeMs, resumeMs, findings } = total
  const cells = [
    ...[`${name}: ${outcomes.length}`, kills, `${cuts[0]} / ${cuts[1]} / ${cuts[2]}`, fills],
    ...[acknowledged, shed, Math.round(shedAgeMs), Math.round(resumeMs)],
    ...findingKinds.map((kind) => findings.filter((finding) => finding.kind === kind).length),
  ]
  return cells.map(String)
}

function plus(a: Outcome, b: Outcome): Outcome {
  return {
    findings: [...a.findings, ...b.findings],
    kills: a.kills + b.kills,
    cuts: { 0: a.cuts[0] + b.cuts[0], 1: a.cuts[1] + b.cuts[1], 2: a.cuts[2] + b.cuts[2] },
    acknowledged: a.acknowledged + b.acknowledged,
    exposed: a.exposed || b.exposed,
    shed: a.shed + b.shed,
    shedAgeMs: Math.max(a.shedAgeMs, b.shedAgeMs),
    fills: a.fills + b.fills,
    resumeMs: Math.max(a.resumeMs, b.resumeMs),
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0)
}

import type { Ratio, SuiteResult, Verdict } from './result.ts'
import type { Figure } from './rounds.ts'

/** A result as Markdown that also reads well in a terminal. */
export function renderResult(result: SuiteResult): string {
  const { figures, ratios, verdicts } = result
  const parts = [table(['figure', 'median', 'min', 'max', 'unit'], figures.map(figureRow))]
  if (ratios.length > 0) parts.push(table(['ratio', 'median', 'min', 'max'], ratios.map(ratioRow)))
  if (verdicts.length > 0)
    parts.push(
      table(
        ['target', 'measured', ''],
        verdicts.map((each) => verdictRow(each, figures)),
      ),
    )
  return parts.join('\n\n')
}

/** The conditions of a result, in one paragraph. */
export function renderConditions({ date, machine, versions, quick }: SuiteResult): string {
  const { cpu, cores, memoryBytes, system, disk, loadAverage } = machine
  const gibibytes = Math.round(memoryBytes / 2 ** 30)
  const packages = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  return (
    `${date.slice(0, 16).replace('T', ' ')} UTC, ${cores} cores of ${cpu}, ${gibibytes} GiB, ${system}, ${disk}, ` +
    `load average ${loadAverage.toFixed(2)} at the start; ${packages.join(', ')}.${quick ? ' A quick run: not to be quoted.' : ''}`
  )
}

function figureRow({ name, median, min, max, unit }: Figure): string[] {
  return [name, quantity(median), quantity(min), quantity(max), unit]
}

function ratioRow({ figure, against, median, min, max }: Ratio): string[] {
  return [`${figure} / ${against}`, times(median), times(min), times(max)]
}

function verdictRow(
  { figure, against, sense, bound, actual, met }: Verdict,
  figures: readonly Figure[],
): string[] {
  const unit = figures.find(({ name }) => name === figure)?.unit
  const show = (value: number) => (against === undefined ? `${quantity(value)} ${unit}` : times(value))
  const what = against === undefined ? figure : `${figure} / ${against}`
  return [
    `${what} ${sense} ${show(bound)}`,
    show(actual),
    met ? 'met' : `missed by ${missedBy(bound, actual)}`,
  ]
}

function missedBy(bound: number, actual: number): string {
  return `${(Math.abs(actual / bound - 1) * 100).toFixed(0)} %`
}

function times(ratio: number): string {
  return `${quantity(ratio)}x`
}

/** Three digits that count, thousands apart. */
function quantity(value: number): string {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2
  return value.toLocaleString('en', { maximumFractionDigits: digits, minimumFractionDigits: digits })
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) =>
    Math.max(title.length, 3, ...rows.map((row) => row[column]?.length ?? 0)),
  )
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => pad(cell, widths[column] ?? 0, column)).join(' | ')} |`
  const rule = `| ${widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`
  return [line(head), rule, ...rows.map(line)].join('\n')
}

function pad(cell: string, width: number, column: number): string {
  return column === 0 ? cell.padEnd(width) : cell.padStart(width)
}

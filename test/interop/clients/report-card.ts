export type Verdict = 'pass' | 'FAIL' | 'not offered' | 'not run'

/** How a client did in a scenario. */
export interface Cell {
  readonly client: string
  /** Of the client, as it said itself. */
  readonly version: string
  readonly chapter: string
  readonly scenario: string
  /** What the scenario asserts. */
  readonly checks: string
  readonly verdict: Verdict
  /** Why it is not a pass; empty for one. */
  readonly note: string
}

/** The report card in Markdown: for each chapter a table of scenarios and clients, and what is checked. */
export function renderCard(cells: readonly Cell[]): string {
  const notes: string[] = []
  const chapters = namesOf(cells, 'chapter').map((title) => {
    const own = cells.filter(({ chapter }) => chapter === title)
    return [`## ${title}`, '', ...renderTable(own, notes), '', ...renderChecks(own), ''].join('\n')
  })
  const footnotes = notes.map((note, index) => `${index + 1}. ${note}`)
  return [
    '# Compatibility',
    '',
    'Kafka clients against `tidemark serve`, a process that is killed and started again on the way. The run',
    '(`npm run test:clients`) writes this page.',
    '',
    summary(cells),
    '',
    ...chapters,
    ...(footnotes.length === 0 ? [] : ['## Notes', '', ...footnotes, '']),
  ].join('\n')
}

function summary(cells: readonly Cell[]): string {
  const count = (verdict: Verdict) => cells.filter((cell) => cell.verdict === verdict).length
  return (
    `${count('pass')} passed, ${count('FAIL')} failed, ${count('not offered')} not offered by the client. ` +
    'A number in brackets leads to the reason at the end.'
  )
}

/** Scenarios down, clients across. */
function renderTable(cells: readonly Cell[], notes: string[]): string[] {
  const clients = namesOf(cells, 'client')
  const rows = namesOf(cells, 'scenario').map((scenario) => {
    const row = cells.filter((cell) => cell.scenario === scenario)
    return [scenario, ...clients.map((name) => renderCell(row, name, notes))]
  })
  const heads = clients.map((name) => `${name} ${versionOf(cells, name)}`)
  return padded([['scenario', ...heads], ...rows])
}

function versionOf(cells: readonly Cell[], client: string): string {
  return cells.find((cell) => cell.client === client && cell.version !== '')?.version ?? ''
}

function renderCell(row: readonly Cell[], client: string, notes: string[]): string {
  const cell = row.find((each) => each.client === client)
  if (cell === undefined || cell.note === '') return cell?.verdict ?? ''
  const note = `${client}: ${cell.note}`
  if (!notes.includes(note)) notes.push(note)
  return `${cell.verdict} [${notes.indexOf(note) + 1}]`
}

function renderChecks(cells: readonly Cell[]): string[] {
  return [...new Set(cells.map(({ scenario, checks }) => `- **${scenario}**: ${checks}`))]
}

/** In the order in which they first come. */
function namesOf(cells: readonly Cell[], field: 'client' | 'chapter' | 'scenario'): string[] {
  return [...new Set(cells.map((cell) => cell[field]))]
}

/** Rows of a Markdown table, padded so that it reads well as text too. */
function padded(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  const [head = [], ...body] = rows
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)]
}

import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Reporter, TestCase, TestModule } from 'vitest/node'
import { type Cell, renderCard, type Verdict } from './report-card.ts'

const cardPath = fileURLToPath(new URL('../../../docs/COMPATIBILITY.md', import.meta.url))

/** The cell of the report card that a test fills; the reporter adds how it ended. */
export type EmptyCell = Omit<Cell, 'verdict' | 'note'>

declare module 'vitest' {
  interface TaskMeta {
    cell?: EmptyCell
  }
}

/** Makes the report card of what was run, and keeps it if every client was there and ran everything. */
export default class CardReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const cells = modules.flatMap((module) => [...module.children.allTests()].map(cellOf))
    const filled = cells.filter((cell) => cell !== undefined)
    // A test that was not chosen to run, or whose broker did not start, has none.
    const isWhole = cells.length > 0 && filled.length === cells.length
    const isEveryoneThere = !filled.some(({ verdict }) => verdict === 'not run')
    if (isWhole && isEveryoneThere) writeFileSync(cardPath, renderCard(filled))
    const outcome = isWhole && isEveryoneThere ? 'written' : 'left as it was: not every client ran everything'
    process.stdout.write(`${cardPath}: ${outcome}\n`)
  }
}

function cellOf(test: TestCase): Cell | undefined {
  const { cell } = test.meta()
  if (cell === undefined) return undefined
  const result = test.result()
  if (result.state === 'passed') return { ...cell, verdict: 'pass', note: '' }
  if (result.state === 'failed')
    return { ...cell, verdict: 'FAIL', note: result.errors[0]?.message.split('\n')[0] ?? '' }
  const [verdict = '', note = ''] = (result.state === 'skipped' ? (result.note ?? '') : '').split(/: (.*)/s)
  return { ...cell, verdict: verdict as Verdict, note }
}

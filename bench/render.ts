import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from './project-root.ts'
import { latestResults, type SuiteResult } from './result.ts'
import { renderConditions, renderResult } from './table.ts'

/**
 * Puts the newest stored results into `docs/benchmarks.md`: all that stands between a line `<!-- figures: SUITE -->` and
 * the next `<!-- end -->` is replaced. The words around them are kept by hand.
 */
const path = join(projectRoot, 'docs', 'benchmarks.md')
const results = latestResults()
const rendered = readFileSync(path, 'utf8').replaceAll(
  /(<!-- figures: (\S+) -->\n)[\s\S]*?(<!-- end -->)/g,
  (whole, head: string, suite: string, tail: string) => {
    const result = results.get(suite)
    return result === undefined ? whole : `${head}\n${renderSection(result)}\n\n${tail}`
  },
)
writeFileSync(path, rendered)

function renderSection(result: SuiteResult): string {
  return `${result.about}\n\n${renderResult(result)}\n\n${renderConditions(result)}`
}

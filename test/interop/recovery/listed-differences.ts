import { readFileSync } from 'node:fs'
import type { Verdict } from './verdict.ts'

/** The names in the tables of `docs/kafka-fidelity.md` that say where the two differ, and what neither notices. */
export function readListedDifferences(): ReadonlySet<string> {
  const text = readFileSync(new URL('../../../docs/kafka-fidelity.md', import.meta.url), 'utf8')
  return new Set([
    ...rowsBelow(text, 'Kafka', 'Tidemark').map(([kafka, ours]) => `${kafka} / ${ours}`),
    ...rowsBelow(text, 'Both').map(([both]) => `both / ${both}`),
  ])
}

/** The cells of the rows below the heading row that begins with these cells, however the table is padded. */
function rowsBelow(text: string, ...heading: string[]): string[][] {
  const lines = text.split('\n')
  const isHeading = (line: string) => heading.every((cell, index) => cellsOf(line)[index] === cell)
  const found = lines.findIndex(isHeading)
  if (found < 0) throw new Error(`docs/kafka-fidelity.md has no table that begins with ${heading.join(', ')}`)
  const rows = lines.slice(found + 2)
  const count = rows.findIndex((line) => !line.startsWith('|'))
  return rows.slice(0, count < 0 ? rows.length : count).map(cellsOf)
}

function cellsOf(line: string): string[] {
  return line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim())
}

/** In the words of the tables; undefined for what need not be listed. */
export function nameOf(verdict: Verdict): string | undefined {
  if (typeof verdict === 'string') return undefined
  if ('mistake' in verdict) return `mistake: ${verdict.mistake}`
  if ('both' in verdict) return `both / ${verdict.both}`
  return 'tooStrict' in verdict ? verdict.tooStrict : `${verdict.kafka} / ${verdict.ours}`
}

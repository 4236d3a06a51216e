import { readFileSync } from 'node:fs'
import type { Verdict } from './verdict.ts'

/** The names in the tables of `docs/kafka-fidelity.md` that say where the two differ, and what neither notices. */
export function readListedDifferences(): ReadonlySet<string> {
  const text = readFileSync(new URL('../../../docs/kafka-fidelity.md', import.meta.url), 'utf8')
  return new Set([
    ...rowsBelow(text, '| Kafka | Tidemark |').map(([kafka, ours]) => `${kafka} / ${ours}`),
    ...rowsBelow(text, '| Both |').map(([both]) => `both / ${both}`),
    ...rowsBelow(text, '| Tidemark alone |').map(([tooStrict]) => `${tooStrict}`),
  ])
}

/** The cells of the rows below a heading row. */
function rowsBelow(text: string, heading: string): string[][] {
  const lines = text.split('\n')
  const first = lines.findIndex((line) => line.startsWith(heading)) + 2
  const count = lines.slice(first).findIndex((line) => !line.startsWith('|'))
  return lines.slice(first, first + count).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
}

/** In the words of the tables; undefined for what need not be listed. */
export function nameOf(verdict: Verdict): string | undefined {
  if (typeof verdict === 'string') return undefined
  if ('mistake' in verdict) return `mistake: ${verdict.mistake}`
  if ('both' in verdict) return `both / ${verdict.both}`
  return 'tooStrict' in verdict ? verdict.tooStrict : `${verdict.kafka} / ${verdict.ours}`
}

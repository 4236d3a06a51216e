import type { Command } from 'commander'
import type { LogStats } from '../log/log.ts'
import { openShowingProgress } from './open-log.ts'
import { formatTable } from './output/table.ts'
import { countOf, formatBytes, formatCount, formatTimestamp } from './output/units.ts'
import type { Session } from './session.ts'

/** `tidemark log stats DIR` */
export function define(command: Command, session: Session): void {
  command
    .argument('<directory>', 'the directory of the log')
    .option('--json', 'as one JSON object')
    .addHelpText('after', examples)
    .action(async (directory: string, { json }: { json?: boolean }) => {
      await using log = await openShowingProgress(session, directory, { readOnly: true })
      const stats = await log.stats()
      if (json === true) session.output.line(JSON.stringify(stats))
      else for (const line of formatTable(rowsOf(stats))) session.output.line(line)
    })
}

function rowsOf(stats: LogStats): string[][] {
  const { startOffset, endOffset, recoveryPoint, maxTimestamp } = stats
  return [
    ['directory', stats.directory],
    ['offsets', `${formatCount(startOffset)} to ${formatCount(endOffset)} (exclusive)`],
    ['size', `${formatBytes(stats.sizeBytes)} in ${countOf(stats.segments, 'segment')}`],
    ['newest record', maxTimestamp === undefined ? 'none' : formatTimestamp(maxTimestamp)],
    ['known to be synced', `up to offset ${formatCount(recoveryPoint)}`],
    ['leader epoch', String(stats.leaderEpoch)],
    ['producers', formatCount(stats.producers)],
    ['indexes in memory', formatBytes(stats.indexBytes)],
  ]
}

const examples = `
Examples:
  tidemark log stats ./orders
  tidemark log stats ./orders --json | jq .sizeBytes
`

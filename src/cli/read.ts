import type { Command } from 'commander'
import { type LogPosition, parseLogPosition, positionGrammar } from './log-position.ts'
import { parseCount } from './option-values.ts'
import { formatHelp } from './output/format-options.ts'
import { addPrintOptions, type PrintOptions, printRecords } from './print-records.ts'
import type { Session } from './session.ts'

interface ReadOptions extends PrintOptions {
  readonly from: LogPosition
  readonly to?: LogPosition
  readonly count?: number
  readonly follow?: boolean
}

/** `tidemark log read DIR` */
export function define(command: Command, session: Session): void {
  command
    .argument('<directory>', 'the directory of the log; also of one that another process is writing')
    .option('--from <position>', `where to begin: ${positionGrammar}`, parseLogPosition, 'earliest')
    .option('--to <position>', 'where to stop, exclusive; the same words', parseLogPosition)
    .option('-n, --count <count>', 'stop after so many records', parseCount)
    .option('--follow', 'at the end wait for more')
  addPrintOptions(command)
    .addHelpText('after', formatHelp + examples)
    .action(async (directory: string, { from, to, count, follow = false, ...format }: ReadOptions) => {
      await printRecords(session, directory, { from, to, count, follow }, format)
    })
}

const examples = `
Examples:
  tidemark log read ./orders
  tidemark log read ./orders --from -10 --json
  tidemark log read ./orders --from @2018-02-03T00:00Z --to @2018-02-04T00:00Z -f '%o %T %k\\n'
  tidemark log read ./orders --from latest --follow | jq .
`

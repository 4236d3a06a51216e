import type { Command } from 'commander'
import { parseCount } from './option-values.ts'
import { formatHelp } from './output/format-options.ts'
import { addPrintOptions, type PrintOptions, printRecords } from './print-records.ts'
import type { Session } from './session.ts'

interface TailOptions extends PrintOptions {
  readonly lines: number
  readonly follow: boolean
}

/** `tidemark log tail DIR`: `read --from -10 --follow`. */
export function define(command: Command, session: Session): void {
  command
    .argument('<directory>', 'the directory of the log')
    .option('-n, --lines <count>', 'begin so many offsets before the end', parseCount, 10)
    .option('--no-follow', 'stop at the end')
  addPrintOptions(command)
    .addHelpText('after', formatHelp + examples)
    .action(async (directory: string, { lines, follow, ...format }: TailOptions) => {
      const range = { from: { last: lines }, to: undefined, count: undefined, follow }
      await printRecords(session, directory, range, format)
    })
}

const examples = `
Examples:
  tidemark log tail ./orders
  tidemark log tail ./orders -n 100 --no-follow -f '%o\\t%s\\n'
`

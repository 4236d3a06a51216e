import { type Command, Option } from 'commander'
import { unescape } from '../escapes.ts'
import { jsonFormat, lineFormat, parseRecordFormat, type RecordFormat } from './record-format.ts'

/** The options that say how records are printed. */
export interface FormatOptions {
  readonly json?: boolean
  readonly format?: RecordFormat
  readonly keyDelimiter?: Buffer
  readonly null?: boolean
}

export const formatHelp = `
Without --json or -f each record is printed as its value and a newline.

Verbs of -f: %o offset, %k key, %K its size, %s value, %S its size (-1 for null), %T timestamp in ms,
%h headers, %t topic, %p partition, %% a percent sign; and \\n \\r \\t \\0 \\\\ \\xNN. No newline is added.
`

/** Gives `command` the options of {@link FormatOptions}. */
export function addFormatOptions(command: Command): Command {
  return command
    .option('--json', 'one JSON object a line; bytes that are not UTF-8 as {"base64": "..."}')
    .addOption(
      new Option('-f, --format <format>', 'print as kcat does')
        .argParser(parseRecordFormat)
        .conflicts('json'),
    )
    .option('-K, --key-delimiter <text>', 'print the key and this before the value', unescape)
    .option('-Z, --null', 'print NULL for null')
}

/** The format that the options ask for. */
export function chooseFormat(options: FormatOptions): RecordFormat {
  if (options.json === true) return jsonFormat
  return options.format ?? lineFormat({ keyDelimiter: options.keyDelimiter, showNull: options.null === true })
}

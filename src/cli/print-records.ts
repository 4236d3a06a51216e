import { basename, resolve } from 'node:path'
import { type Command, Option } from 'commander'
import type { Log } from '../log/log.ts'
import { unescape } from './escapes.ts'
import { keepAlive } from '../env/keep-alive.ts'
import { type LogPosition, resolvePosition } from './log-position.ts'
import { collectPairs, logOptionsOf } from './option-values.ts'
import { openShowingProgress } from './open-log.ts'
import {
  jsonFormat,
  lineFormat,
  originOf,
  parseRecordFormat,
  type RecordFormat,
  type RecordOrigin,
} from './output/record-format.ts'
import type { Session } from './session.ts'

/** The options that say how records are printed. */
export interface FormatOptions {
  readonly json?: boolean
  readonly format?: (origin: RecordOrigin) => RecordFormat
  readonly keyDelimiter?: Buffer
  readonly null?: boolean
  readonly option?: readonly (readonly [string, string])[]
}

export const formatHelp = `
Without --json or -f each record is printed as its value and a newline.

Verbs of -f: %o offset, %k key, %K its size, %s value, %S its size (-1 for null), %T timestamp in ms,
%h headers, %t topic, %p partition, %% a percent sign; and \\n \\r \\t \\0 \\\\ \\xNN. No newline is added.
`

/** Adds the options that `read` and `tail` share. */
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
    .option('-X, --option <name=value>', 'an option of the log, under our name or Kafka’s', collectPairs)
}

/** Which records are printed. */
export interface RecordRange {
  readonly from: LogPosition
  /** Exclusive. Undefined for the end of the log, or with `follow` for no end. */
  readonly to: LogPosition | undefined
  /** Undefined for all. */
  readonly count: number | undefined
  readonly follow: boolean
}

/** Prints records of the log in `directory`, which another process may be writing. */
export async function printRecords(
  session: Session,
  directory: string,
  range: RecordRange,
  options: FormatOptions,
): Promise<void> {
  const format = chooseFormat(directory, options)
  await using log = await openShowingProgress(session, directory, {
    ...logOptionsOf(options.option),
    readOnly: true,
  })
  using _ = range.follow ? keepAlive() : undefined
  let left = range.count ?? Number.POSITIVE_INFINITY
  for await (const record of recordsOf(session, log, range)) {
    for (const piece of format(record)) session.output.put(piece)
    if (session.output.isFull) await session.output.drained()
    if (--left === 0) break
  }
}

function recordsOf(session: Session, log: Log, { from, to, follow }: RecordRange) {
  const end = to === undefined ? undefined : resolvePosition(log, to)
  return log.read({
    from: resolvePosition(log, from),
    follow,
    signal: session.signal,
    ...(end === undefined ? {} : { to: end }),
  })
}

function chooseFormat(directory: string, options: FormatOptions): RecordFormat {
  if (options.json === true) return jsonFormat
  if (options.format !== undefined) return options.format(originOf(basename(resolve(directory))))
  return lineFormat({ keyDelimiter: options.keyDelimiter, showNull: options.null === true })
}

import { type Command, Option } from 'commander'
import type { Durability, LogOptions } from '../log/log-options.ts'
import { BatchAppender } from './input/batch-appender.ts'
import { addLineOptions, jsonLineHelp, type LineOptions, LineRecords } from './input/line-records.ts'
import { LineSplitter } from './input/line-splitter.ts'
import { endStdin, pourStdin } from './input/pour-stdin.ts'
import { collectPairs, logOptionsOf, parseCount } from './option-values.ts'
import { openShowingProgress } from './open-log.ts'
import { countOf, formatByteRate, formatDuration, formatRate } from './output/units.ts'
import type { Session } from './session.ts'

/** Kafka's default of max.message.bytes. */
const defaultMaxMessageBytes = 1024 * 1024 + 12

interface AppendCommandOptions extends LineOptions {
  readonly ndjson?: boolean
  readonly batch: number
  readonly durability: Durability
  readonly compression: NonNullable<LogOptions['compression']>
  readonly option?: readonly (readonly [string, string])[]
  readonly quiet?: boolean
}

/** `tidemark log append DIR` */
export function define(command: Command, session: Session): void {
  command.argument('<directory>', 'the directory of the log; made if it is not there')
  addLineOptions(command, '--ndjson')
    .option('--batch <count>', 'records per batch, at most', parseCount, 500)
    .addOption(
      new Option('--durability <when>', 'when an append is acknowledged')
        .choices(['sync', 'interval', 'os'])
        .default('sync'),
    )
    .addOption(
      new Option('--compression <codec>', 'how batches are compressed')
        .choices(['none', 'gzip', 'snappy', 'lz4', 'zstd'])
        .default('none'),
    )
    .option('-X, --option <name=value>', 'an option of the log, under our name or Kafka’s', collectPairs)
    .option('-q, --quiet', 'print no summary')
    .addHelpText('after', help)
    .action(async (directory: string, options: AppendCommandOptions) => append(session, directory, options))
}

const help = `
Without --ndjson each line is the value of a record. With it each line is a JSON object
  ${jsonLineHelp} What "tidemark log read --json" prints is taken.

A line that cannot be taken ends the command with exit code 1; the lines before it are in the log.

Examples:
  echo hello | tidemark log append ./greetings
  tidemark log append ./orders --ndjson < orders.ndjson
  tidemark log read ./orders --json | tidemark log append ./copy --ndjson --compression zstd
  mosquitto_sub -v -t 'sensors/#' | tidemark log append ./sensors -K ' ' --durability interval
`

async function append(session: Session, directory: string, options: AppendCommandOptions): Promise<void> {
  const { durability, compression } = options
  const logOptions = { durability, compression, ...logOptionsOf(options.option) }
  await using log = await openShowingProgress(session, directory, logOptions)
  const maxMessageBytes = Number(
    logOptions.maxMessageBytes ?? logOptions['max.message.bytes'] ?? defaultMaxMessageBytes,
  )
  const splitter = new LineSplitter(maxMessageBytes, 'raise it with -X max.message.bytes=N')
  const lines = new LineRecords(splitter, { ...options, isJson: options.ndjson === true })
  const limits = { batchCount: options.batch, batchBytes: maxMessageBytes }
  const appender = new BatchAppender(log, { ...limits, onFailure: endStdin })
  const { clock } = session.env
  const startedMs = clock.monotonicMs()
  try {
    await pourStdin(session, lines, appender, 'appending')
  } finally {
    if (options.quiet !== true)
      session.say(summary(appender, lines.inputBytes, clock.monotonicMs() - startedMs))
  }
}

function summary({ count, firstOffset }: BatchAppender, inputBytes: number, durationMs: number): string {
  if (count === 0) return 'appended nothing'
  const rates = `${formatRate(count, durationMs, 'records')}, ${formatByteRate(inputBytes, durationMs)}`
  const range = count === 1 ? `offset ${firstOffset}` : `offsets ${firstOffset} to ${firstOffset + count - 1}`
  return `appended ${countOf(count, 'record')}, ${range}, in ${formatDuration(durationMs)} (${rates})`
}

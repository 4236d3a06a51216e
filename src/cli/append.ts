import { addAbortSignal } from 'node:stream'
import { type Command, Option } from 'commander'
import type { RecordInput } from '../batch/record-input.ts'
import type { Log } from '../log/log.ts'
import type { Durability, LogOptions } from '../log/log-options.ts'
import { unescape } from './escapes.ts'
import { InputError } from './failure.ts'
import { BatchAppender } from './input/batch-appender.ts'
import { parseJsonRecord } from './input/json-record.ts'
import { LineSplitter } from './input/line-splitter.ts'
import { parseRawLine } from './input/raw-line.ts'
import { collectPairs, logOptionsOf, parseCount } from './option-values.ts'
import { openShowingProgress } from './open-log.ts'
import { countOf, formatByteRate, formatDuration, formatRate } from './output/units.ts'
import type { Session } from './session.ts'

/** Kafka's default of max.message.bytes. */
const defaultMaxMessageBytes = 1024 * 1024 + 12

interface AppendCommandOptions {
  readonly ndjson?: boolean
  readonly keyDelimiter?: Buffer
  readonly key?: string
  readonly header?: readonly (readonly [string, string])[]
  readonly null?: boolean
  readonly batch: number
  readonly durability: Durability
  readonly compression: NonNullable<LogOptions['compression']>
  readonly option?: readonly (readonly [string, string])[]
  readonly quiet?: boolean
}

/** `tidemark log append DIR` */
export function define(command: Command, session: Session): void {
  command
    .argument('<directory>', 'the directory of the log; made if it is not there')
    .addOption(new Option('--ndjson', 'lines are JSON').conflicts(['keyDelimiter', 'key', 'header', 'null']))
    .option('-K, --key-delimiter <text>', 'lines are KEY, this text, VALUE', unescape)
    .option('-k, --key <key>', 'the key of every record')
    .option('-H, --header <name=value>', 'a header for every record; repeatable', collectPairs)
    .option('-Z, --null', 'an empty key or value is null')
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
  {"key": ..., "value": ..., "headers": ..., "timestamp": MILLISECONDS}
of which every member may be missing. Strings are stored as UTF-8, {"base64": "..."} as bytes, null as null, and
any other value as its JSON text. What "tidemark log read --json" prints is taken.

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
  const { clock } = session.env
  const startedMs = clock.monotonicMs()
  const maxMessageBytes = logOptions.maxMessageBytes ?? logOptions['max.message.bytes']
  const lines = new LineAppender(log, options, Number(maxMessageBytes ?? defaultMaxMessageBytes))
  try {
    await lines.appendAll(session)
  } finally {
    if (options.quiet !== true) session.say(lines.summary(clock.monotonicMs() - startedMs))
  }
}

/** Carries the lines of stdin into a log. */
class LineAppender {
  readonly #lines: LineSplitter
  readonly #appender: BatchAppender
  readonly #parse: (line: Buffer) => RecordInput | undefined
  #inputBytes = 0

  constructor(log: Log, options: AppendCommandOptions, batchBytes: number) {
    this.#lines = new LineSplitter(batchBytes)
    // The input may be silent for long: it ends, so that the failure is told now.
    const onFailure = () => void process.stdin.destroy()
    this.#appender = new BatchAppender(log, { batchCount: options.batch, batchBytes, onFailure })
    this.#parse = lineParser(options)
  }

  /**
   * Appends until the input ends, or the session is told to stop: then what has been read is appended still.
   *
   * @throws InputError for a line that cannot be taken, after those before it were appended
   */
  async appendAll(session: Session): Promise<void> {
    using progress = session.progress('appending')
    try {
      for await (const chunk of stdin(session.signal)) {
        this.#inputBytes += chunk.length
        await this.#appendLines(this.#lines.push(chunk))
        this.#appender.rest()
        progress.note(() => countOf(this.#appender.count, 'record'))
      }
      await this.#appendLines(this.#lines.end())
    } catch (error) {
      await this.#appender.finish()
      throw error
    }
    await this.#appender.finish()
  }

  summary(durationMs: number): string {
    const { count, firstOffset } = this.#appender
    if (count === 0) return 'appended nothing'
    const rates = `${formatRate(count, durationMs, 'records')}, ${formatByteRate(this.#inputBytes, durationMs)}`
    const range =
      count === 1 ? `offset ${firstOffset}` : `offsets ${firstOffset} to ${firstOffset + count - 1}`
    return `appended ${countOf(count, 'record')}, ${range}, in ${formatDuration(durationMs)} (${rates})`
  }

  async #appendLines(lines: Iterable<Buffer>): Promise<void> {
    for (const line of lines) {
      const record = this.#record(line)
      if (record !== undefined) await this.#appender.add(record, this.#lines.lineNumber)
    }
  }

  #record(line: Buffer): RecordInput | undefined {
    try {
      return this.#parse(line)
    } catch (error) {
      if (error instanceof InputError)
        throw new InputError(`line ${this.#lines.lineNumber}: ${error.message}`)
      throw error
    }
  }
}

/** Undefined for a line that holds no record. */
function lineParser(options: AppendCommandOptions): (line: Buffer) => RecordInput | undefined {
  if (options.ndjson === true) return (line) => (isBlank(line) ? undefined : parseJsonRecord(line))
  const { keyDelimiter, key, header } = options
  const settings = { keyDelimiter, key, headers: header, emptyIsNull: options.null === true }
  return (line) => parseRawLine(line, settings)
}

function isBlank(line: Buffer): boolean {
  return line.every((byte) => byte === 0x20 || byte === 0x09)
}

/** The chunks of stdin until it ends or `signal` aborts, when it throws. Reading waits for whoever iterates. */
function stdin(signal: AbortSignal): AsyncIterable<Buffer> {
  return addAbortSignal(signal, process.stdin)
}

import { type Command, Option } from 'commander'
import type { CompressionName } from '../batch/compression.ts'
import {
  Mirror,
  type MirrorOptions,
  type MirrorProgress,
  type MirrorReport,
} from '../client/mirror/mirror.ts'
import { Tidemark } from '../embedded/tidemark.ts'
import { openDirectory } from './cluster/with-tidemark.ts'
import { UsageError } from './failure.ts'
import { keepAlive } from '../env/keep-alive.ts'
import { parseCount } from './option-values.ts'
import { formatTable } from './output/table.ts'
import { countOf, formatByteRate, formatBytes, formatCount, formatDuration } from './output/units.ts'
import type { Session } from './session.ts'

interface MirrorCommandOptions {
  readonly from: string
  readonly to: string
  readonly topics?: RegExp
  readonly groups?: RegExp
  readonly follow?: boolean
  readonly isolation: 'read_committed' | 'read_uncommitted'
  readonly compression?: CompressionName
  readonly replicationFactor?: number
  readonly json?: boolean
}

const noteIntervalMs = 200

/** `tidemark mirror --from WHERE --to WHERE [TOPIC...]` */
export function define(command: Command, session: Session): void {
  command
    .argument('[topic...]', 'names of the topics to copy')
    .requiredOption('--from <where>', 'brokers as HOST:PORT,..., or a data directory that nobody has open')
    .requiredOption('--to <where>', 'the same, for the copies; a directory is made if there is none')
    .option(
      '--topics <regex>',
      'also all topics whose whole name it matches, but internal ones',
      parsePattern,
    )
    .option('--groups <regex>', 'take over the offsets that these groups have committed', parsePattern)
    .option('-f, --follow', 'go on with what is written later, until Ctrl-C')
    .addOption(
      new Option('--isolation <level>', 'whether open and aborted transactions are left out')
        .choices(['read_committed', 'read_uncommitted'])
        .default('read_committed'),
    )
    .addOption(
      new Option('--compression <codec>', 'of the copies (default: as the batches of the source)').choices([
        ...['none', 'gzip', 'snappy', 'lz4', 'zstd'],
      ]),
    )
    .option('--replication-factor <count>', "of topics that are created (default: the target's)", parseCount)
    .option('--json', 'one JSON object a partition')
    .addHelpText('after', examples)
    .action((topics: string[], options: MirrorCommandOptions) => mirror(session, topics, options))
}

const examples = `
Keys, values, headers, timestamps and partitions stay as they are. Topics that the target has not are created
like those of the source. Run it again to go on where it was, however it has ended: how far it is, is kept in the
target's topic tidemark-mirror-offsets. Nobody else may write to what is mirrored to.

Examples:
  tidemark mirror --from ./data --to kafka:9092 orders payments
  tidemark mirror --from kafka:9092 --to ./data --topics 'orders\\..*'
  tidemark mirror --from old:9092 --to new:9092 --topics '.*' --groups '.*' --follow
`

async function mirror(
  session: Session,
  names: readonly string[],
  { from, to, topics, groups, json = false, ...options }: MirrorCommandOptions,
): Promise<void> {
  const selected = [...names, ...(topics === undefined ? [] : [topics])]
  if (selected.length === 0) throw new UsageError('say which topics: by name, or with --topics REGEX')
  using _ = keepAlive()
  await using source = await openEnd(session, from, { mustExist: true })
  await using target = await openEnd(session, to, { mustExist: false })
  const { isolation: isolationLevel, ...rest } = options
  const mirroring = new Mirror({
    ...{ ...rest, from: source, to: target, topics: selected, isolationLevel },
    groups: groups === undefined ? [] : [groups],
    clock: session.env.clock,
    onWarning: (message) => session.report(message),
  } satisfies MirrorOptions)
  const startMs = session.env.clock.monotonicMs()
  const report = await watched(session, mirroring)
  tell(session, report, session.env.clock.monotonicMs() - startMs, json)
}

/** Brokers where `where` says host and port, else a directory. @throws UsageError for a source that is not there */
async function openEnd(
  session: Session,
  where: string,
  { mustExist }: { readonly mustExist: boolean },
): Promise<Tidemark> {
  const { signal } = session
  if (isServers(where)) return await Tidemark.connect(where, { clientId: 'tidemark-mirror', signal })
  return await openDirectory(session, where, { mustExist, howToAsk: 'give it as HOST:PORT' })
}

/** Whether `where` is like `host:port,host:port`. */
function isServers(where: string): boolean {
  return where.split(',').every((each) => /^[^/\\]+:\d{1,5}$/.test(each.trim()))
}

/** Runs it, with its progress shown until it ends. */
async function watched(session: Session, mirroring: Mirror): Promise<MirrorReport> {
  const { clock } = session.env
  using progress = session.progress('mirroring')
  const startMs = clock.monotonicMs()
  const ended = new AbortController()
  const show = async (): Promise<void> => {
    while (!ended.signal.aborted) {
      await clock.sleep(noteIntervalMs, ended.signal).catch(() => undefined)
      progress.note(() => progressText(mirroring.progress(), clock.monotonicMs() - startMs))
    }
  }
  const showing = show()
  try {
    return await mirroring.run({ signal: session.signal })
  } finally {
    ended.abort()
    await showing
  }
}

function progressText({ recordCount, copiedBytes, lag }: MirrorProgress, elapsedMs: number): string {
  return `${countOf(recordCount, 'record')}, ${formatByteRate(copiedBytes, elapsedMs)}, ${formatCount(lag)} to go`
}

function tell(
  session: Session,
  { partitions, movedOffsetCount, isStopped }: MirrorReport,
  elapsedMs: number,
  isJson: boolean,
): void {
  const head = ['TOPIC', 'PARTITION', 'COPIED', 'BYTES', 'SOURCE', 'TARGET']
  const rows = partitions.map((each) => [
    ...[each.topic, `${each.partition}`, formatCount(each.recordCount), formatBytes(each.copiedBytes)],
    ...[`${each.sourceOffset}`, `${each.targetOffset}`],
  ])
  if (isJson) for (const each of partitions) session.output.line(JSON.stringify(each))
  else for (const line of formatTable([head, ...rows], [1, 2, 3, 4, 5])) session.output.line(line)
  const records = partitions.reduce((total, { recordCount }) => total + recordCount, 0)
  const bytes = partitions.reduce((total, { copiedBytes }) => total + copiedBytes, 0)
  const groups = movedOffsetCount === 0 ? '' : `, ${countOf(movedOffsetCount, 'group offset')} moved`
  session.say(
    `${isStopped ? 'stopped: ' : ''}${countOf(records, 'record')} copied (${formatBytes(bytes)}) in ` +
      `${formatDuration(elapsedMs)}, ${formatByteRate(bytes, elapsedMs)}${groups}`,
  )
}

/** An expression for whole names. */
function parsePattern(text: string): RegExp {
  try {
    return new RegExp(`^(?:${text})$`)
  } catch (error) {
    throw new UsageError(`'${text}' is no regular expression: ${String(error)}`)
  }
}

import { basename, join } from 'node:path'
import { type Command, Option } from 'commander'
import { NotALogError } from '../base/errors.ts'
import { toJsonBytes } from '../batch/log-record.ts'
import { parseSegmentFileName } from '../log/file-names.ts'
import { readWhole } from '../log/replace-file.ts'
import { type DumpRow, rowToJson, rowToText } from './dump/dump-row.ts'
import { dumpSegment, type SegmentDumpOptions } from './dump/segment-dump.ts'
import { sideFileDecoder } from './dump/side-file-dump.ts'
import { UsageError } from './failure.ts'
import type { Session } from './session.ts'

/** Kafka's indexes are 10 MiB at most; a snapshot of this size would be of 20 million producers. */
const sideFileBytesMax = 1024 * 1024 * 1024

interface DumpCommandOptions {
  readonly records?: boolean
  readonly printDataLog?: boolean
  readonly json?: boolean
}

/** `tidemark log dump PATH...` */
export function define(command: Command, session: Session): void {
  command
    .argument('<path...>', 'segment files, index files, checkpoints; or a directory for all that are in it')
    .addOption(new Option('--records', 'a line for each record too'))
    .option('--print-data-log', 'the records with their keys and values')
    .option('--json', 'one JSON object a line')
    .addHelpText('after', help)
    .action(async (paths: string[], options: DumpCommandOptions) => dump(session, paths, options))
}

const help = `
Prints what DumpLogSegments of Apache Kafka prints, of the files of Kafka as of our own. Nothing is opened as a log,
and nothing is changed. The exit code is 1 when something could not be read.

Examples:
  tidemark log dump ./orders
  tidemark log dump ./orders/00000000000000000000.log --print-data-log
  tidemark log dump ./orders --json | jq 'select(.kind == "batch" and .isvalid == false)'
`

async function dump(session: Session, paths: readonly string[], options: DumpCommandOptions): Promise<void> {
  const { printDataLog: payloads = false, json = false } = options
  const rowOptions = { records: options.records === true || payloads, payloads }
  for (const path of paths.flatMap((each) => filesAt(session, each))) {
    if (!json) session.output.line(`Dumping ${path}`)
    for await (const row of rowsOf(session, path, rowOptions)) {
      session.signal.throwIfAborted()
      session.output.line(json ? rowToJson(path, row, toJsonBytes) : rowToText(row))
      if (row.kind === 'problem') session.exitCode = 1
      if (session.output.isFull) await session.output.drained()
    }
  }
}

/** The file at `path`, or in a directory those that can be dumped. */
function filesAt(session: Session, path: string): string[] {
  const { files } = session.env
  const stat = files.statSync(path)
  if (stat === undefined) throw new NotALogError(`there is no file or directory ${path}`)
  if (stat.kind === 'file') return [path]
  const names = files.listSync(path).filter(isDumpable).toSorted()
  if (names.length === 0)
    throw new NotALogError(`${path} holds no segment files: is it the directory of one partition?`)
  return names.map((name) => join(path, name))
}

function isDumpable(name: string): boolean {
  return parseSegmentFileName(name)?.kind === '.log' || sideFileDecoder(name) !== undefined
}

async function* rowsOf(session: Session, path: string, options: SegmentDumpOptions): AsyncGenerator<DumpRow> {
  const { files } = session.env
  const name = basename(path)
  const parsed = parseSegmentFileName(name)
  const decode = sideFileDecoder(name)
  if (parsed?.kind === '.log') {
    const file = files.openSync(path, 'read')
    try {
      yield* dumpSegment(file, parsed.baseOffset, options)
    } finally {
      file.closeSync()
    }
  } else if (decode !== undefined) yield* decode(readWhole(files, path, sideFileBytesMax) ?? Buffer.alloc(0))
  else
    throw new UsageError(`${path} has no name that Kafka gives to its files, so what it holds is not known`)
}

import type { Command } from 'commander'
import { verifyDirectory } from '../log/verify-directory.ts'
import type { FileVerdict, Verdict, VerifyReport } from '../log/verify-report.ts'
import type { Painter } from './output/painter.ts'
import { formatTable } from './output/table.ts'
import { countOf, formatBytes, formatCount, formatDuration } from './output/units.ts'
import type { Session } from './session.ts'

interface VerifyCommandOptions {
  readonly json?: boolean
  readonly allowGaps?: boolean
}

/** `tidemark log verify DIR` */
export function define(command: Command, session: Session): void {
  command
    .argument('<directory>', 'the directory of the log, of ours or of a partition of Kafka')
    .option('--json', 'the report as one JSON object')
    .option('--allow-gaps', 'accept missing offsets, as compaction leaves them')
    .addHelpText('after', help)
    .action(async (directory: string, { json, allowGaps = false }: VerifyCommandOptions) => {
      const report = await verifyShowingProgress(session, directory, allowGaps)
      if (json === true) session.output.line(JSON.stringify(report))
      else for (const line of describeReport(report, session.paint)) session.output.line(line)
      if (!report.ok) session.exitCode = 1
    })
}

const help = `
Reads every byte: the checksum of every batch, every record, and every derived file against the log. Changes nothing.
The exit code is 0 when all is good, 1 when something is damaged.

Verdicts: good; stale (left by a crash, put right at the next open); damaged (see "tidemark log repair"); unknown
(not a file of the log).

Examples:
  tidemark log verify ./orders
  tidemark log verify /var/lib/kafka/orders-0 --json | jq '.files[] | select(.verdict == "damaged")'
`

async function verifyShowingProgress(
  session: Session,
  directory: string,
  allowGaps: boolean,
): Promise<VerifyReport> {
  using progress = session.progress('verifying')
  const { env, signal } = session
  return await verifyDirectory(directory, {
    env,
    signal,
    allowGaps,
    onProgress: ({ checkedBytes, totalBytes }) => progress.bytes(checkedBytes, totalBytes),
  })
}

const colours = { good: 'green', damaged: 'red', stale: 'yellow', unknown: 'dim' } as const satisfies Record<
  Verdict,
  string
>

/** A table of the files, what is wrong with them below it, and the sum of it all. */
function* describeReport(report: VerifyReport, paint: Painter): Generator<string> {
  const rows = report.files.map(({ file, sizeBytes, verdict, detail }) => [
    file,
    formatBytes(sizeBytes),
    paint(colours[verdict], verdict),
    detail,
  ])
  yield* formatTable(rows, [1])
  for (const file of report.files) yield* describeProblems(file)
  const { startOffset, endOffset, batches, records, bytes, durationMs } = report
  yield ''
  yield `offsets ${formatCount(startOffset)} to ${formatCount(endOffset)} (exclusive), ` +
    `${countOf(records, 'record')} in ${formatCount(batches)} batches, ` +
    `${formatBytes(bytes)} of log checked in ${formatDuration(durationMs)}`
  yield verdictOn(report, paint)
}

function* describeProblems({ file, problems }: FileVerdict): Generator<string> {
  for (const { position, reason } of problems)
    yield `  ${file}${position < 0 ? '' : ` at byte ${position}`}: ${reason}`
}

function verdictOn({ ok, files, directory }: VerifyReport, paint: Painter): string {
  if (ok) return paint('green', 'no damage')
  const damaged = files.filter(({ verdict }) => verdict === 'damaged').length
  return `${paint('red', `${countOf(damaged, 'file')} damaged`)}: see "tidemark log repair ${directory} --dry-run"`
}

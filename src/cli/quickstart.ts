import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Command, Option } from 'commander'
import { openLog } from '../log/log.ts'
import { formatTable } from './output/table.ts'
import {
  countOf,
  formatByteRate,
  formatBytes,
  formatCount,
  formatDuration,
  formatRate,
} from './output/units.ts'
import { type CrashProof, proveCrashSafety } from './quickstart/crash-proof.ts'
import { appendUntilKilled } from './quickstart/crash-writer.ts'
import { type EarthquakeRecord, loadEarthquakes, titleOf } from './quickstart/earthquakes.ts'
import { measureThroughput, type Timing } from './quickstart/throughput.ts'
import type { Session } from './session.ts'

interface QuickstartOptions {
  readonly keep?: boolean
  readonly appendUntilKilled?: string
}

/** `tidemark quickstart` */
export function define(command: Command, session: Session): void {
  command
    .option('--keep', 'keep the directory, to look around in it')
    // What the quickstart starts itself a second time with.
    .addOption(new Option('--append-until-killed <directory>').hideHelp())
    .addHelpText('after', help)
    .action(async (options: QuickstartOptions) => {
      if (options.appendUntilKilled !== undefined) await appendUntilKilled(session, options.appendUntilKilled)
      else await quickstart(session, options.keep === true)
    })
}

const help = `
Takes a week of real earthquakes through a log in a temporary directory: appends them, finds them by offset and by
time, kills a process that is writing, recovers, and measures. About ten seconds and 300 MB of disk, for as long as
it runs.

Examples:
  npx tidemark quickstart
  npx tidemark quickstart --keep
`

async function quickstart(session: Session, keep: boolean): Promise<void> {
  const { files, random } = session.env
  const directory = join(tmpdir(), `tidemark-quickstart-${random.bytes(6).toString('hex')}`)
  files.makeDirectorySync(directory)
  try {
    await tour(session, directory)
    if (keep) session.output.line(`\nKept in ${directory}`)
  } finally {
    if (!keep) files.removeDirectorySync(directory)
  }
}

async function tour(session: Session, directory: string): Promise<void> {
  const { output } = session
  const earthquakes = loadEarthquakes(session.env.files)
  await appendAndRead(session, join(directory, 'earthquakes'), earthquakes)
  output.line(
    '\nA child process appends, each record synced before it is acknowledged, and is killed (kill -9) ...',
  )
  const proof = await proveCrashSafety(session, join(directory, 'killed'), earthquakes)
  for (const line of describeProof(proof)) output.line(line)
  output.line('\nThroughput: 200,000 earthquakes in batches of 500, left to the page cache (durability "os")')
  for (const line of timingTable(await measureThroughput(session, directory, earthquakes))) output.line(line)
  if (proof.lost > 0 || proof.wrong > 0 || proof.acknowledged === 0) {
    session.exitCode = 1
    output.line(session.paint('red', '\nRecords were lost: this must not happen. Please report it.'))
  } else output.line(nextSteps)
}

const nextSteps = `
Next: seq 1000000 | npx tidemark log append ./numbers
      npx tidemark log tail ./numbers
      npx tidemark --help`

/** Appends the earthquakes, and finds two of them again. */
async function appendAndRead(
  session: Session,
  directory: string,
  earthquakes: readonly EarthquakeRecord[],
): Promise<void> {
  const { output } = session
  const { clock } = session.env
  await using log = await openLog(directory)
  const startedMs = clock.monotonicMs()
  for (let at = 0; at < earthquakes.length; at += 100) await log.append(earthquakes.slice(at, at + 100))
  const duration = formatDuration(clock.monotonicMs() - startedMs)
  const { sizeBytes } = await log.stats()
  output.line(
    `Appended ${formatCount(log.endOffset)} earthquakes (${formatBytes(sizeBytes)}), each batch of 100 synced, in ${duration}`,
  )
  output.line(`  offset 1000: ${titleOf(log.get(1000))}`)
  const found = log.offsetForTimestamp(Date.UTC(2018, 1, 3))
  if (found !== undefined)
    output.line(
      `  first on or after 2018-02-03T00:00Z: offset ${found.offset}, ${titleOf(log.get(found.offset))}`,
    )
}

function* describeProof(proof: CrashProof): Generator<string> {
  const { livedMs, acknowledged, recovered, lost, wrong, recovery } = proof
  const tornBytes = recovery.cut?.bytes ?? 0
  yield* formatTable([
    ['  killed after', formatDuration(livedMs)],
    [
      '  acknowledged',
      `${formatCount(acknowledged)} records (${formatRate(acknowledged, livedMs, 'records')})`,
    ],
    ['  recovered', `${formatCount(recovered)} records, those written but not yet acknowledged among them`],
    [
      '  lost',
      lost === 0 && wrong === 0
        ? 'none'
        : `${countOf(lost, 'record')}, and ${formatCount(wrong)} not what was appended`,
    ],
    [
      '  recovery',
      `${formatDuration(recovery.durationMs)}: scanned ${formatBytes(recovery.scannedBytes)}, cut ${formatBytes(tornBytes)} of a torn tail`,
    ],
  ])
}

function timingTable(timings: readonly Timing[]): string[] {
  const rows = timings.map(({ what, records, bytes, durationMs }) => [
    `  ${what}`,
    records === 0 ? '' : formatRate(records, durationMs, 'records'),
    formatByteRate(bytes, durationMs),
    formatDuration(durationMs),
  ])
  return formatTable(rows, [1, 2, 3])
}

import { createInterface } from 'node:readline/promises'
import type { Command } from 'commander'
import { repairDirectory, type RepairReport } from '../log/repair-directory.ts'
import { UsageError } from './failure.ts'
import { formatTable } from './output/table.ts'
import { countOf } from './output/units.ts'
import type { Session } from './session.ts'

interface RepairCommandOptions {
  readonly dryRun?: boolean
  readonly yes?: boolean
  readonly json?: boolean
  readonly allowGaps?: boolean
}

/** `tidemark log repair DIR` */
export function define(command: Command, session: Session): void {
  command
    .argument('<directory>', 'the directory of the log')
    .option('--dry-run', 'only say what would be done')
    .option('--yes', 'do it without asking')
    .option('--json', 'the report as one JSON object')
    .option('--allow-gaps', 'accept missing offsets, as compaction leaves them')
    .addHelpText('after', help)
    .action(async (directory: string, options: RepairCommandOptions) => repair(session, directory, options))
}

const help = `
Makes a damaged log one that opens again. What has to go is copied to the directory "quarantine" first, and the
offsets that are lost by it are listed. Derived files are made again from the log.

Examples:
  tidemark log repair ./orders --dry-run
  tidemark log repair ./orders --yes
`

async function repair(session: Session, directory: string, options: RepairCommandOptions): Promise<void> {
  if (options.dryRun !== true && options.yes !== true) {
    const isAgreed = await askFor(session, directory, options)
    if (!isAgreed) return
  }
  const report = await repairShowingProgress(session, directory, options, options.dryRun === true)
  if (options.json === true) session.output.line(JSON.stringify(report))
  else for (const line of describeReport(report)) session.output.line(line)
}

/** Shows what would be done, and asks. Without a terminal there is nobody to ask. */
async function askFor(session: Session, directory: string, options: RepairCommandOptions): Promise<boolean> {
  if (!process.stdin.isTTY)
    throw new UsageError('repair changes the log: see what it would do with --dry-run, then say --yes')
  const plan = await repairShowingProgress(session, directory, options, true)
  for (const line of describeActions(plan)) session.say(line)
  if (plan.actions.length === 0) return false
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  // While it reads, the terminal makes no signal of Ctrl-C.
  terminal.on('SIGINT', () => process.kill(process.pid, 'SIGINT'))
  try {
    const answer = await terminal.question('Do this? [y/N] ', { signal: session.signal })
    return /^y(es)?$/i.test(answer.trim())
  } finally {
    terminal.close()
  }
}

async function repairShowingProgress(
  session: Session,
  directory: string,
  { allowGaps = false }: RepairCommandOptions,
  dryRun: boolean,
): Promise<RepairReport> {
  using progress = session.progress(dryRun ? 'looking' : 'repairing')
  const { env, signal } = session
  return await repairDirectory(directory, {
    env,
    signal,
    allowGaps,
    dryRun,
    onProgress: ({ checkedBytes, totalBytes }) => progress.bytes(checkedBytes, totalBytes),
  })
}

function* describeReport(report: RepairReport): Generator<string> {
  yield* describeActions(report)
  if (report.dryRun) yield 'nothing was changed: this was a dry run'
  else if (report.changed) yield `done: ${countOf(report.actions.length, 'change')}`
}

function* describeActions({ actions, lostOffsets, quarantined, dryRun }: RepairReport): Generator<string> {
  if (actions.length === 0) yield 'nothing to repair'
  yield* formatTable(actions.map(({ file, action, detail }) => [file, action, detail]))
  for (const { fromOffset, toOffset } of lostOffsets)
    yield `lost: offsets ${fromOffset} to ${toOffset - 1} (${countOf(toOffset - fromOffset, 'offset')})`
  for (const path of quarantined) yield `${dryRun ? 'to be kept' : 'kept'}: ${path}`
}

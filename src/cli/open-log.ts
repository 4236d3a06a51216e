import { type Log, openLog } from '../log/log.ts'
import type { LogOptions } from '../log/log-options.ts'
import type { RecoveryReport } from '../log/recovery-report.ts'
import { withAdviceIfHeld } from './cluster/held-directory.ts'
import { UsageError } from './failure.ts'
import { formatBytes } from './output/units.ts'
import type { Session } from './session.ts'

/**
 * Opens a log. After an unclean stop of a large one that takes a while, which the progress line shows; and what was
 * there and is not any more is told.
 *
 * @throws UsageError for an option that is unknown or cannot be, and what `openLog` throws
 */
export async function openShowingProgress(
  session: Session,
  directory: string,
  options: LogOptions,
): Promise<Log> {
  try {
    const log = await openWithProgress(session, directory, options)
    for (const line of describeRecovery(log.recovery, options.readOnly === true)) session.say(line)
    return log
  } catch (error) {
    // Only an option that the user gave can be of a wrong name, kind or range.
    if (error instanceof TypeError || error instanceof RangeError)
      throw new UsageError(error.message, { cause: error })
    throw withAdviceIfHeld(
      error,
      'Stop that process first; others may only read meanwhile (log read, tail, dump)',
    )
  }
}

async function openWithProgress(session: Session, directory: string, options: LogOptions): Promise<Log> {
  using progress = session.progress('checking')
  return await openLog(directory, {
    ...options,
    signal: session.signal,
    onProgress: ({ scannedBytes, totalBytes }) => progress.bytes(scannedBytes, totalBytes),
  })
}

function* describeRecovery(
  { cut, lost, passedOver, quarantined }: RecoveryReport,
  isReadOnly: boolean,
): Generator<string> {
  if (cut !== undefined)
    yield `recovery: ${isReadOnly ? 'left out' : 'cut'} the last ${formatBytes(cut.bytes)} of ${cut.file}, ` +
      `from byte ${cut.position} on: ${cut.reason}`
  if (lost !== undefined)
    yield `recovery: offsets ${lost.fromOffset} to ${lost.toOffset - 1} were durable and are gone`
  for (const { file, position } of passedOver)
    yield `recovery: passed over damage at byte ${position} of ${file}, before the start of the log`
  for (const path of quarantined) yield `recovery: kept a copy in ${path}`
}

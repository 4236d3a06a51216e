import { basename, resolve } from 'node:path'
import type { Command } from 'commander'
import { keepAlive } from '../env/keep-alive.ts'
import type { Log } from '../log/log.ts'
import { type LogPosition, resolvePosition } from './log-position.ts'
import { collectPairs, logOptionsOf } from './option-values.ts'
import { openShowingProgress } from './open-log.ts'
import { addFormatOptions, chooseFormat, type FormatOptions } from './output/format-options.ts'
import { originOf } from './output/record-format.ts'
import type { Session } from './session.ts'

/** The options that `read` and `tail` share. */
export interface PrintOptions extends FormatOptions {
  readonly option?: readonly (readonly [string, string])[]
}

/** Gives `command` the options of {@link PrintOptions}. */
export function addPrintOptions(command: Command): Command {
  return addFormatOptions(command).option(
    '-X, --option <name=value>',
    'an option of the log, under our name or Kafka’s',
    collectPairs,
  )
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
  options: PrintOptions,
): Promise<void> {
  const format = chooseFormat(options)
  const origin = originOf(basename(resolve(directory)))
  await using log = await openShowingProgress(session, directory, {
    ...logOptionsOf(options.option),
    readOnly: true,
  })
  using _ = range.follow ? keepAlive() : undefined
  let left = range.count ?? Number.POSITIVE_INFINITY
  for await (const record of recordsOf(session, log, range)) {
    for (const piece of format(record, origin)) session.output.put(piece)
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

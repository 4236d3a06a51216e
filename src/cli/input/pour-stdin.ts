import { addAbortSignal } from 'node:stream'
import { countOf } from '../output/units.ts'
import type { Session } from '../session.ts'
import type { LineRecord } from './json-record.ts'
import type { LineRecords } from './line-records.ts'

/** Where the records of stdin go. */
export interface RecordSink {
  /** Records that have arrived for good. */
  readonly count: number
  /**
   * Takes the record of line `lineNumber`. What it returns is waited for before the next; undefined when there is room.
   *
   * @throws what kept an earlier record from arriving
   */
  add(record: LineRecord, lineNumber: number): Promise<void> | undefined
  /** There is no more at hand for now. */
  rest?(): void
  /** Resolves when everything that was added has arrived. Throws as {@link add} does. */
  finish(): Promise<void>
}

/**
 * Carries the lines of stdin into `sink` until the input ends, or the session is told to stop: what has been read is
 * carried still. `title` is for the progress line.
 *
 * @throws InputError for a line that cannot be taken, after those before it have arrived
 */
export async function pourStdin(
  session: Session,
  records: LineRecords,
  sink: RecordSink,
  title: string,
): Promise<void> {
  using progress = session.progress(title)
  try {
    for await (const chunk of stdin(session.signal)) {
      await addAll(sink, records, records.push(chunk))
      sink.rest?.()
      progress.note(() => countOf(sink.count, 'record'))
    }
    await addAll(sink, records, records.end())
  } catch (error) {
    await sink.finish()
    throw error
  }
  await sink.finish()
}

/** Ends the input, which may be silent for long, so that a failure is told now. */
export function endStdin(): void {
  process.stdin.destroy()
}

async function addAll(sink: RecordSink, lines: LineRecords, records: Iterable<LineRecord>): Promise<void> {
  for (const record of records) {
    const room = sink.add(record, lines.lineNumber)
    if (room !== undefined) await room
  }
}

/** The chunks of stdin until it ends or `signal` aborts, when it throws. Reading waits for whoever iterates. */
function stdin(signal: AbortSignal): AsyncIterable<Buffer> {
  return addAbortSignal(signal, process.stdin)
}

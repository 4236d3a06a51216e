import type { Consumer } from '../../client/consumer/consumer.ts'
import type { RecordFormat } from '../output/record-format.ts'
import type { Session } from '../session.ts'
import { untilEnd } from './until-end.ts'

/** When {@link printConsumed} ends by itself. */
export interface PrintLimits {
  /** After so many records. */
  readonly count: number
  /** When everything is printed that was there when partitions were assigned. */
  readonly exitAtEnd: boolean
}

/**
 * Prints what `consumer` hands out, until a limit is reached or the session is told to stop. Whoever reads the output holds up
 * the consumer. When it resolves everything that was handed out has been printed.
 */
export async function printConsumed(
  session: Session,
  consumer: Consumer,
  format: RecordFormat,
  { count, exitAtEnd }: PrintLimits,
): Promise<void> {
  const { output, signal, env } = session
  const records = consumer.records()
  const leave = (): void => void records.return?.()
  const watching = new AbortController()
  const atEnd = exitAtEnd ? untilEnd(consumer, env.clock, watching.signal).finally(leave) : undefined
  // It is looked at below, unless the loop has ended for another reason.
  atEnd?.catch(() => undefined)
  signal.addEventListener('abort', leave)
  if (signal.aborted) leave()
  let left = count
  try {
    for await (const record of records) {
      for (const piece of format(record, record)) output.put(piece)
      if (output.isFull) await output.drained()
      if (--left === 0) break
    }
    if (left > 0 && !signal.aborted) await atEnd
  } finally {
    signal.removeEventListener('abort', leave)
    watching.abort()
  }
  await output.drained()
}

import type { Session } from '../session.ts'
import { openLog } from '../../log/log.ts'
import { loadEarthquakes } from './earthquakes.ts'
import { recordFor } from './numbered-record.ts'

/** Appends under way at a time: they share syncs, as those of the clients of a server do. */
const concurrentAppends = 64

/** Ends a line that was written whole: half a number looks like a number. */
export const endOfAcknowledgement = 'acknowledged'

/**
 * What the child process does: appends records one by one to the log in `directory` until it is killed, and says of
 * each that was acknowledged its offset and its number, as a line on stdout.
 */
export async function appendUntilKilled(session: Session, directory: string): Promise<void> {
  const earthquakes = loadEarthquakes(session.env.files)
  const log = await openLog(directory, { durability: 'sync' })
  let next = 0
  const appendOnAndOn = async () => {
    while (!session.signal.aborted) {
      const number = next++
      const { baseOffset } = await log.append(recordFor(number, earthquakes))
      // Straight to the pipe: what waited in memory would die with the process.
      process.stdout.write(`${baseOffset} ${number} ${endOfAcknowledgement}\n`)
    }
  }
  await Promise.all(Array.from({ length: concurrentAppends }, appendOnAndOn))
  await log.close()
}

import { turn } from '../../src/env/turn.ts'
import { nodeClock } from '../../src/env/node-clock.ts'

/** In memory nothing takes longer than a few turns of the event loop. */
const turnsMax = 5000

/** As `promise`, unless it does not settle: in memory that shows in a few thousand turns of the event loop. */
export async function settled<T>(promise: Promise<T>): Promise<T> {
  let isSettled = false
  const watched = promise.finally(() => {
    isSettled = true
  })
  watched.catch(() => undefined)
  for (let turns = 0; turns < turnsMax && !isSettled; turns++) await turn(nodeClock())
  if (!isSettled) throw new Error('this never ends')
  return watched
}

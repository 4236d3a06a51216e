import { type Durability, openLog } from '../../src/log/public.ts'
import { measureLatency, type Load } from '../latencies.ts'
import { closedLoop, openLoop } from '../load.ts'
import { randomValues } from '../payloads.ts'
import type { Contestant } from '../rounds.ts'
import type { PreparedSuite, Suite } from '../suite.ts'
import type { Workspace } from '../workspace.ts'

const valueBytes = 100
/** How long one load lasts in a full run. */
const loadSeconds = 2

/** From the call of `append` to its acknowledgement. */
export const latencySuite: Suite = {
  name: 'latency',
  about:
    'Single records of 100 B. At a given rate (open loop) the latency counts from when the append was due, so that a ' +
    'stall shows in every append that it held up; with so many at a time (closed loop) each is followed by the next.',
  prepare({ workspace, scale, load: { rate, concurrency } }): PreparedSuite {
    const seconds = loadSeconds * scale
    const atRate: Load = (call) => openLoop(rate, seconds, call)
    const atATime: Load = (call) => closedLoop(concurrency, seconds, call)
    return {
      contestants: (['os', 'sync'] as const).flatMap((durability) => [
        appending(workspace, `'${durability}', ${rate.toLocaleString('en')} a second`, durability, atRate),
        appending(workspace, `'${durability}', ${concurrency} at a time`, durability, atATime),
      ]),
      claims: [],
    }
  },
}

function appending(workspace: Workspace, name: string, durability: Durability, load: Load): Contestant {
  const [value = Buffer.alloc(0)] = randomValues(1, valueBytes)
  return {
    name,
    measure: () =>
      workspace.within(async (directory) => {
        await using log = await openLog(directory, { durability })
        return await measureLatency(name, load, () => log.append({ value }))
      }),
  }
}

import { join } from 'node:path'
import { encodeBatch } from '../../src/log/public.ts'
import { nodeEnv } from '../../src/env/node-env.ts'
import { withBusyDisk } from '../busy-disk.ts'
import { measureLatency } from '../latencies.ts'
import { openLoop } from '../load.ts'
import { randomValues } from '../payloads.ts'
import type { Contestant, Sample } from '../rounds.ts'
import type { PreparedSuite, Suite } from '../suite.ts'
import type { Workspace } from '../workspace.ts'

/** Batches a second: 33 MB/s, far from what the page cache takes. */
const writesPerSecond = 500
const loadSeconds = 2

/** What a synchronous write costs the event loop when the disk is slow. */
export const stallSuite: Suite = {
  name: 'stall',
  about:
    `Batches of 64 KiB, ${writesPerSecond} a second, to a file, one at a time, by writevSync or by the asynchronous ` +
    'writev; on an idle disk, and while another process writes 512 MiB and syncs them, again and again, to the same disk.',
  prepare: ({ workspace, scale }): PreparedSuite => ({
    contestants: (['idle disk', 'busy disk'] as const).flatMap((disk) =>
      (['writevSync', 'writev'] as const).map((way) => writing(workspace, disk, way, loadSeconds * scale)),
    ),
    claims: [],
    ratios: [['busy disk, writevSync: event-loop delay p99', 'busy disk, writev: event-loop delay p99']],
  }),
}

type Way = 'writevSync' | 'writev'

function writing(
  workspace: Workspace,
  disk: 'idle disk' | 'busy disk',
  way: Way,
  seconds: number,
): Contestant {
  const name = `${disk}, ${way}`
  return {
    name,
    measure: () =>
      workspace.within((directory) => {
        const measure = () => measureWrites(name, join(directory, 'raw'), way, seconds)
        return disk === 'busy disk' ? withBusyDisk(directory, measure) : measure()
      }),
  }
}

async function measureWrites(name: string, path: string, way: Way, seconds: number): Promise<Sample[]> {
  const records = randomValues(600, 100).map((value) => ({ value }))
  const buffers = [encodeBatch(records, { now: 0 })]
  const file = nodeEnv().files.openSync(path, 'create')
  let position = 0
  const write = async () => {
    position += way === 'writev' ? await file.writev(buffers, position) : file.writevSync(buffers, position)
  }
  try {
    return await measureLatency(name, (call) => openLoop(writesPerSecond, seconds, call), oneAtATime(write))
  } finally {
    file.closeSync()
  }
}

/** A log has one writer: a write waits for the one before. */
function oneAtATime(write: () => Promise<void>): () => Promise<void> {
  let last = Promise.resolve()
  return () => {
    last = last.then(write)
    return last
  }
}

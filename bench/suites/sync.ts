import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { encodeBatch, openLog } from '../../src/log/public.ts'
import { EventLoopDelay } from '../event-loop-delay.ts'
import { randomValues } from '../payloads.ts'
import type { Contestant, Sample } from '../rounds.ts'
import { rate, secondsOf } from '../stopwatch.ts'
import type { StoreKind } from '../stores/store.ts'
import type { Claim, PreparedSuite, Suite } from '../suite.ts'
import type { Workspace } from '../workspace.ts'

const appenderCount = 256
const valueBytes = 100

const names = {
  alone: 'append, one at a time',
  together: `append, ${appenderCount} at a time`,
  delay: `event-loop delay p99, ${appenderCount} at a time`,
  raw: 'write + fdatasync, one at a time',
} as const

const claims: readonly Claim[] = [
  { figure: names.together, against: names.alone, sense: 'at least', bound: 40 },
  { figure: names.together, against: `lmdb, ${appenderCount} at a time`, sense: 'at least', bound: 1.5 },
]

/** Appending so that a power cut loses nothing. */
export const syncSuite: Suite = {
  name: 'sync',
  about:
    `Single records of 100 B, durability 'sync': acknowledged after fdatasync. ${appenderCount} appenders each await ` +
    'their append before they make the next. The peers acknowledge after the sync too: lmdb without overlappingSync, ' +
    'classic-level with sync, SQLite with synchronous = FULL.',
  prepare({ workspace, peers, scale }): PreparedSuite {
    const contestants = [
      appending(workspace, names.together, appenderCount, Math.ceil(200_000 * scale)),
      ...peers.stores.map((kind) => storing(workspace, kind, scale)),
      appending(workspace, names.alone, 1, Math.ceil(3000 * scale)),
      writingAndSyncing(workspace, Math.ceil(3000 * scale)),
    ]
    const grouping = peers.stores.filter(({ groupsCommits }) => groupsCommits).slice(1)
    return {
      contestants,
      claims,
      ratios: [
        [names.alone, names.raw],
        ...grouping.map(({ name }) => [names.together, `${name}, ${appenderCount} at a time`] as const),
      ],
    }
  },
}

/** Closed loop: `concurrency` appenders take turns until `total` appends are made. Returns the seconds. */
function appendByTurns(total: number, concurrency: number, append: () => Promise<unknown>): Promise<number> {
  let left = total
  const appender = async () => {
    while (left-- > 0) await append()
  }
  return secondsOf(() => Promise.all(Array.from({ length: concurrency }, appender)))
}

function appending(workspace: Workspace, name: string, concurrency: number, total: number): Contestant {
  const [value = Buffer.alloc(0)] = randomValues(1, valueBytes)
  return {
    name,
    measure: () =>
      workspace.within(async (directory) => {
        const log = await openLog(directory)
        const delay = new EventLoopDelay()
        const seconds = await appendByTurns(total, concurrency, () => log.append({ value }))
        const { p99 } = delay.stop()
        await log.close()
        const samples: Sample[] = [rate(name, 'appends/s', total, seconds)]
        return concurrency === 1 ? samples : [...samples, { figure: names.delay, unit: 'ms', value: p99 }]
      }),
  }
}

/** A store that commits one transaction after the other gains nothing from concurrency: one at a time. */
function storing(workspace: Workspace, kind: StoreKind, scale: number): Contestant {
  const concurrency = kind.groupsCommits ? appenderCount : 1
  const figure = `${kind.name}, ${concurrency === 1 ? 'one' : concurrency} at a time`
  const total = Math.ceil((kind.groupsCommits ? 40_000 : 3000) * scale)
  const [value = Buffer.alloc(0)] = randomValues(1, valueBytes)
  return {
    name: figure,
    measure: () =>
      workspace.within(async (directory) => {
        const store = await kind.open(directory, true)
        const seconds = await appendByTurns(total, concurrency, () => store.appendOne(value))
        await store.close()
        return [rate(figure, 'appends/s', total, seconds)]
      }),
  }
}

function writingAndSyncing(workspace: Workspace, total: number): Contestant {
  const batch = encodeBatch(
    randomValues(1, valueBytes).map((value) => ({ value })),
    { now: 0 },
  )
  return {
    name: names.raw,
    measure: () =>
      workspace.within(async (directory) => {
        const descriptor = openSync(join(directory, 'raw'), 'w')
        const seconds = await secondsOf(() => {
          for (let done = 0; done < total; done++) {
            writeSync(descriptor, batch)
            fdatasyncSync(descriptor)
          }
        })
        closeSync(descriptor)
        return [rate(names.raw, 'appends/s', total, seconds)]
      }),
  }
}

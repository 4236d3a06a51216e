import { closeSync, openSync, writeSync, writevSync } from 'node:fs'
import { join } from 'node:path'
import { encodeBatch, openLog } from '../../src/log/public.ts'
import { EventLoopDelay } from '../event-loop-delay.ts'
import { randomValues } from '../payloads.ts'
import type { Contestant } from '../rounds.ts'
import { rate, secondsOf } from '../stopwatch.ts'
import type { StoreKind } from '../stores/store.ts'
import type { Claim, PreparedSuite, Suite, SuiteContext } from '../suite.ts'
import type { Workspace } from '../workspace.ts'

const batchCount = 500
const smallBytes = 100
const largeBytes = 1024
/** Batches of 64 KiB are written so many at once, by us and by the bare system call. */
const groupCount = 16

const names = {
  small: 'append 100 B, by 500',
  large: 'append 1 KiB, by 500',
  delay: 'event-loop delay p99, append 100 B',
  largeDelay: 'event-loop delay p99, append 1 KiB',
  encoded: 'appendBatch 64 KiB, checksum verified',
  checked: 'appendBatch 64 KiB, every record checked',
  rawSmall: 'write of the same bytes, 100 B by 500',
  rawLarge: 'write of the same bytes, 1 KiB by 500',
  rawEncoded: 'writev of the same bytes, 64 KiB by 16',
} as const

const claims: readonly Claim[] = [
  { figure: names.small, against: 'better-sqlite3, 100 B by 500', sense: 'at least', bound: 2 },
  { figure: names.large, sense: 'at least', bound: 700 },
  { figure: names.encoded, against: names.rawEncoded, sense: 'at least', bound: 0.6 },
]

/** Appending without waiting for the disk. */
export const appendSuite: Suite = {
  name: 'append',
  about:
    "Records without keys, durability 'os': acknowledged once they are in the page cache, as with synchronous = OFF in " +
    'SQLite and noSync in lmdb. Each append is awaited before the next, but for the batches of 64 KiB, of which 16 go at once.',
  prepare: (context): PreparedSuite => ({
    contestants: contestants(context),
    claims,
    ratios: [
      [names.small, names.rawSmall],
      [names.large, names.rawLarge],
      [names.checked, names.rawEncoded],
      ...context.peers.stores.slice(1).map(({ name }) => [names.small, `${name}, 100 B by 500`] as const),
    ],
  }),
}

function contestants({ workspace, peers, scale }: SuiteContext): Contestant[] {
  const small = randomValues(batchCount, smallBytes)
  const large = randomValues(batchCount, largeBytes)
  const smallRounds = Math.ceil(600 * scale)
  const largeRounds = Math.ceil(400 * scale)
  const batches = encodedBatches()
  const groupRounds = Math.ceil(256 * scale)
  return [
    appendingRecords(workspace, names.small, small, smallRounds, 'records/s', names.delay),
    ...peers.stores.map((kind) => storing(workspace, kind, small, smallRounds)),
    writing(workspace, names.rawSmall, small, smallRounds, 'records/s'),
    appendingRecords(workspace, names.large, large, largeRounds, 'MB/s', names.largeDelay),
    writing(workspace, names.rawLarge, large, largeRounds, 'MB/s'),
    appendingBatches(workspace, names.encoded, batches, groupRounds, 'checksum'),
    writingBatches(workspace, batches, groupRounds),
    appendingBatches(workspace, names.checked, batches, groupRounds, 'records'),
  ]
}

type AmountUnit = 'records/s' | 'MB/s'

function amountOf(values: readonly Buffer[], rounds: number, unit: AmountUnit): number {
  return rounds * (unit === 'MB/s' ? values.reduce((sum, { length }) => sum + length, 0) : values.length)
}

function appendingRecords(
  workspace: Workspace,
  name: string,
  values: readonly Buffer[],
  rounds: number,
  unit: AmountUnit,
  delayName: string,
): Contestant {
  const records = values.map((value) => ({ value }))
  return {
    name,
    measure: () =>
      workspace.within(async (directory) => {
        const log = await openLog(directory, { durability: 'os' })
        const delay = new EventLoopDelay()
        const seconds = await secondsOf(async () => {
          for (let round = 0; round < rounds; round++) await log.append(records)
        })
        const { p99 } = delay.stop()
        await log.close()
        return [
          rate(name, unit, amountOf(values, rounds, unit), seconds),
          { figure: delayName, unit: 'ms', value: p99 },
        ]
      }),
  }
}

function storing(
  workspace: Workspace,
  kind: StoreKind,
  values: readonly Buffer[],
  rounds: number,
): Contestant {
  const figure = `${kind.name}, 100 B by 500`
  return {
    name: figure,
    measure: () =>
      workspace.within(async (directory) => {
        const store = await kind.open(directory, false)
        const seconds = await secondsOf(async () => {
          for (let round = 0; round < rounds; round++) await store.append(values)
        })
        await store.close()
        return [rate(figure, 'records/s', rounds * values.length, seconds)]
      }),
  }
}

/** The bytes that we write for these values, by one plain write per batch. */
function writing(
  workspace: Workspace,
  name: string,
  values: readonly Buffer[],
  rounds: number,
  unit: AmountUnit,
): Contestant {
  const batch = encodeBatch(
    values.map((value) => ({ value })),
    { now: 0 },
  )
  return {
    name,
    measure: () =>
      withFile(workspace, async (descriptor) => {
        const seconds = await secondsOf(() => {
          for (let round = 0; round < rounds; round++) writeSync(descriptor, batch)
        })
        return [rate(name, unit, amountOf(values, rounds, unit), seconds)]
      }),
  }
}

/** Batches of 64 KiB, as a producer with a large `batch.size` sends them. */
function encodedBatches(): Buffer[] {
  const values = randomValues(600, smallBytes)
  const records = values.map((value) => ({ value }))
  return Array.from({ length: groupCount }, () => encodeBatch(records, { now: 0 }))
}

function sizeOf(buffers: readonly Buffer[]): number {
  return buffers.reduce((sum, { length }) => sum + length, 0)
}

function appendingBatches(
  workspace: Workspace,
  name: string,
  batches: readonly Buffer[],
  rounds: number,
  check: 'checksum' | 'records',
): Contestant {
  return {
    name,
    measure: () =>
      workspace.within(async (directory) => {
        const log = await openLog(directory, { durability: 'os' })
        const seconds = await secondsOf(async () => {
          for (let round = 0; round < rounds; round++)
            await Promise.all(batches.map((batch) => log.appendBatch(batch, { check })))
        })
        await log.close()
        return [rate(name, 'MB/s', rounds * sizeOf(batches), seconds)]
      }),
  }
}

function writingBatches(workspace: Workspace, batches: readonly Buffer[], rounds: number): Contestant {
  return {
    name: names.rawEncoded,
    measure: () =>
      withFile(workspace, async (descriptor) => {
        const seconds = await secondsOf(() => {
          for (let round = 0; round < rounds; round++) writevSync(descriptor, batches)
        })
        return [rate(names.rawEncoded, 'MB/s', rounds * sizeOf(batches), seconds)]
      }),
  }
}

function withFile<T>(workspace: Workspace, work: (descriptor: number) => Promise<T>): Promise<T> {
  return workspace.within(async (directory) => {
    const descriptor = openSync(join(directory, 'raw'), 'w')
    try {
      return await work(descriptor)
    } finally {
      closeSync(descriptor)
    }
  })
}

import { describe, expect, test } from 'vitest'
import type { LogOptions } from '../../src/log/log-options.ts'
import type { Fault } from '../../src/testing/faulty-files.ts'
import type { FileCallKind } from '../../src/testing/interposed-files.ts'
import { type BenchEnd, FaultBench, type FaultPoint } from './fault-bench.ts'

/** Something to do with a log, at every call of which the disk fails once. */
interface Scenario {
  readonly name: string
  readonly options?: LogOptions
  /** Before the disk begins to fail. */
  readonly prepare?: (bench: FaultBench) => Promise<void>
  readonly run: (bench: FaultBench) => Promise<void>
}

const small: LogOptions = {
  segmentBytes: 1024,
  reserveBytes: 2000,
  indexIntervalBytes: 0,
  fileDeleteDelayMs: 0,
}

/** Six segments of one batch each. */
async function fillSegments(bench: FaultBench): Promise<void> {
  await bench.open()
  for (let count = 0; count < 6; count++) await bench.append(30)
}

async function openAndFill(bench: FaultBench): Promise<void> {
  await fillSegments(bench)
  await bench.close()
}

async function fillAndKill(bench: FaultBench): Promise<void> {
  await fillSegments(bench)
  bench.kill()
}

const scenarios: readonly Scenario[] = [
  { name: 'opening a new log', run: (bench) => bench.open() },
  ...[{}, { durability: 'interval', syncIntervalRecords: 3 } as const, { durability: 'os' } as const].map(
    (options): Scenario => ({
      name: `appending under ${options.durability ?? 'sync'}`,
      options,
      async run(bench) {
        await bench.open()
        await bench.append(1)
        await bench.append(2, 3, 1)
        await bench.flush()
        await bench.append(1)
      },
    }),
  ),
  { name: 'rolling', run: fillSegments },
  { name: 'rolling under os', options: { durability: 'os' }, run: fillSegments },
  {
    name: 'truncating',
    prepare: openAndFill,
    async run(bench) {
      await bench.open()
      await bench.truncate(100)
      await bench.append(1)
    },
  },
  {
    name: 'trimming',
    prepare: openAndFill,
    async run(bench) {
      await bench.open()
      await bench.trim(100)
      await bench.append(1)
    },
  },
  {
    name: 'trimming everything',
    prepare: openAndFill,
    async run(bench) {
      await bench.open()
      await bench.trim(bench.endOffset)
      await bench.append(1)
    },
  },
  {
    name: 'retention',
    options: { retentionBytes: 3000 },
    async run(bench) {
      await fillSegments(bench)
      await bench.retain()
      await bench.append(1)
    },
  },
  {
    name: 'closing',
    async run(bench) {
      await fillSegments(bench)
      await bench.close()
    },
  },
  {
    name: 'opening after a clean stop',
    prepare: openAndFill,
    async run(bench) {
      await bench.open()
      await bench.append(1)
    },
  },
  {
    name: 'opening after an unclean stop',
    prepare: fillAndKill,
    async run(bench) {
      await bench.open()
      await bench.append(1)
    },
  },
]

/** What may go wrong with each kind of call: one fault, or several in a row. */
const faults: Readonly<Partial<Record<FileCallKind, readonly (readonly Fault[])[]>>> = {
  open: [['EIO'], ['ENOSPC'], ['EMFILE']],
  close: [['EIO']],
  size: [['EIO']],
  read: [['EIO']],
  // A write is short where the disk fills up, or breaks, in the middle of it.
  write: [
    ['EIO'],
    ['ENOSPC'],
    [{ shortBytes: 3 }],
    [{ shortBytes: 200 }, 'ENOSPC'],
    [{ shortBytes: 3 }, 'EIO'],
  ],
  truncate: [['EIO']],
  sync: [['EIO'], ['ENOSPC']],
  list: [['EIO'], ['EMFILE']],
  stat: [['EIO']],
  rename: [['EIO'], ['ENOSPC']],
  remove: [['EIO']],
  makeDirectory: [['EIO'], ['ENOSPC']],
  freeBytes: [['EIO']],
  syncDirectory: [['EIO'], ['EMFILE']],
  lock: [['EIO'], ['EMFILE']],
  unlock: [['EIO']],
}

/** A disk that stays full, or a process that stays short of descriptors: all calls of a kind fail from one on. */
const lastingFaults: Readonly<Partial<Record<FileCallKind, readonly (readonly Fault[])[]>>> = {
  open: [['EMFILE']],
  write: [['EIO'], ['ENOSPC'], [{ shortBytes: 200 }, 'ENOSPC']],
  sync: [['EIO']],
}

const allEnds: readonly BenchEnd[] = ['kill', 'power cut', 'close']
/** Where what the end of the process leaves depends most on what failed, each end is tried; else one after the other. */
const wellTriedKinds: readonly FileCallKind[] = ['write', 'truncate', 'sync', 'rename', 'syncDirectory']
let pointCount = 0

/** Fails every call in turn, until the scenario ends untouched. */
async function failEverywhere(scenario: Scenario, point: Omit<FaultPoint, 'nth'>): Promise<void> {
  const options = { ...small, ...scenario.options }
  // Under another durability a power cut may take anything.
  const ends = allEnds.filter((end) => end !== 'power cut' || options.durability === undefined)
  for (let nth = 1, strikes = true; strikes; nth++) {
    const tried = wellTriedKinds.includes(point.kind)
      ? ends
      : ends.filter((_, index) => index === nth % ends.length)
    for (const end of tried) strikes = await failAt(scenario, new FaultBench(options, { ...point, nth }), end)
    if (strikes) pointCount++
  }
}

/** Runs a scenario with its fault; false when it has ended before it came to that. */
async function failAt(scenario: Scenario, bench: FaultBench, end: BenchEnd): Promise<boolean> {
  try {
    await scenario.prepare?.(bench)
    bench.arm()
    await scenario.run(bench)
    if (!bench.hasStruck) return false
    await bench.heal()
    await bench.restart(end)
    return true
  } catch (error) {
    const where = `${JSON.stringify(bench.point)}, then ${end}`
    throw new Error(`${where}: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
  }
}

type FaultTable = [FileCallKind, readonly (readonly Fault[])[]][]

describe.each(scenarios)('$name', (scenario) => {
  test.each(Object.entries(faults) as FaultTable)('%s fails once', async (kind, each) => {
    for (const list of each) await failEverywhere(scenario, { kind, faults: list, lasts: false })
  })

  test.each(Object.entries(lastingFaults) as FaultTable)('%s fails until healed', async (kind, each) => {
    for (const list of each) await failEverywhere(scenario, { kind, faults: list, lasts: true })
  })
})

test('there were enough points to fail at', () => {
  expect(pointCount).toBeGreaterThan(3000)
})

import type { LogOptions } from '../../src/log/log-options.ts'
import type { FaultBench } from './fault-bench.ts'

/** Something to do with a log, at every call of which the disk fails once. */
export interface Scenario {
  readonly name: string
  readonly options?: LogOptions
  /** Before the disk begins to fail. */
  readonly prepare?: (bench: FaultBench) => Promise<void>
  readonly run: (bench: FaultBench) => Promise<void>
}

/** So small that a few appends roll segments. */
export const small: LogOptions = {
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

export const scenarios: readonly Scenario[] = [
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

import { closeSync, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { type Log, openLog } from '../../src/log/public.ts'
import { numbersFrom, randomValues } from '../payloads.ts'
import type { Contestant, Sample } from '../rounds.ts'
import { rate, secondsOf } from '../stopwatch.ts'
import type { Store } from '../stores/store.ts'
import type { Claim, PreparedSuite, Suite, SuiteContext } from '../suite.ts'

const batchCount = 500
const valueBytes = 100
/** As much is fetched at once as `log.read` does by default. */
const readBytes = 1024 * 1024
const segmentName = `${'0'.repeat(20)}.log`

const names = {
  batches: 'readBatches',
  firstTime: 'readBatches, first time: checksums verified',
  records: 'read, for await',
  synchronous: 'readBatches, records by the synchronous iterator',
  values: 'readBatches, and each value looked at',
  point: 'get, batches of 500',
  raw: 'read of the same bytes, by 1 MiB',
} as const

const claims: readonly Claim[] = [
  { figure: names.batches, sense: 'at least', bound: 3000 },
  { figure: names.records, sense: 'at least', bound: 3e6 },
  { figure: names.synchronous, sense: 'at least', bound: 6e6 },
  { figure: names.point, sense: 'at most', bound: 15 },
]

/** Reading from the page cache. */
export const readSuite: Suite = {
  name: 'read',
  about:
    'Records of 100 B in batches of 500, all in the page cache. But for the first time, nothing is verified again that ' +
    'this process has verified. The peers read the same values, in the way that is fastest for each; `get` and its ' +
    'like take random offsets.',
  async prepare(context): Promise<PreparedSuite> {
    const recordCount = Math.ceil(2000 * context.scale) * batchCount
    const directory = context.workspace.fresh()
    await fill(directory, recordCount)
    const log = await openLog(directory, { durability: 'os' })
    const stores = await filledStores(context, recordCount)
    return {
      contestants: contestants({
        log,
        directory,
        recordCount,
        stores,
        pointCount: Math.ceil(20_000 * context.scale),
      }),
      claims,
      ratios: [
        [names.batches, names.raw],
        ...[...stores.keys()].flatMap((name) => [
          [names.records, `${name}, all values`] as const,
          [names.values, `${name}, all values`] as const,
          [names.point, `${name}, random`] as const,
        ]),
      ],
    }
  },
}

async function fill(directory: string, recordCount: number): Promise<void> {
  const records = randomValues(batchCount, valueBytes).map((value) => ({ value }))
  await using log = await openLog(directory, { durability: 'os' })
  for (let count = 0; count < recordCount; count += batchCount) await log.append(records)
}

/** The peers, filled with the same values. They stay open until the process ends. */
async function filledStores(
  { workspace, peers }: SuiteContext,
  recordCount: number,
): Promise<Map<string, Store>> {
  const values = randomValues(batchCount, valueBytes)
  const stores = new Map<string, Store>()
  for (const kind of peers.stores) {
    const store = await kind.open(workspace.fresh(), false)
    for (let count = 0; count < recordCount; count += batchCount) await store.append(values)
    stores.set(kind.name, store)
  }
  return stores
}

interface Filled {
  readonly log: Log
  readonly directory: string
  readonly recordCount: number
  readonly stores: ReadonlyMap<string, Store>
  readonly pointCount: number
}

function contestants({ log, directory, recordCount, stores, pointCount }: Filled): Contestant[] {
  const reading = (figure: string, work: () => unknown): Contestant => ({
    name: figure,
    measure: async () => [rate(figure, 'records/s', recordCount, await secondsOf(work))],
  })
  const getting = (figure: string, get: (offset: number) => unknown): Contestant => ({
    name: figure,
    measure: () => getAtRandom(figure, recordCount, pointCount, get),
  })
  return [
    { name: names.batches, measure: () => readBatches(names.batches, log) },
    { name: names.raw, measure: () => readRaw(join(directory, segmentName)) },
    { name: names.firstTime, measure: () => readFirstTime(directory) },
    reading(names.records, () => readRecords(log)),
    reading(names.synchronous, () => readSynchronously(log)),
    reading(names.values, () => readValues(log)),
    ...[...stores].map(([name, store]) => reading(`${name}, all values`, () => store.readAll())),
    getting(names.point, (offset) => log.get(offset)?.value),
    ...[...stores].map(([name, store]) => getting(`${name}, random`, (offset) => store.get(offset))),
  ]
}

async function readBatches(figure: string, log: Log): Promise<Sample[]> {
  let bytes = 0
  const seconds = await secondsOf(async () => {
    for await (const batch of log.readBatches()) bytes += batch.sizeBytes
  })
  return [rate(figure, 'MB/s', bytes, seconds)]
}

/** Read-only, so that a second opening of the same directory changes nothing. */
async function readFirstTime(directory: string): Promise<Sample[]> {
  await using log = await openLog(directory, { readOnly: true })
  return await readBatches(names.firstTime, log)
}

async function readRecords(log: Log): Promise<number> {
  let offsets = 0
  for await (const record of log.read()) offsets += record.offset
  return offsets
}

async function readSynchronously(log: Log): Promise<number> {
  let offsets = 0
  for await (const batch of log.readBatches()) for (const record of batch.records()) offsets += record.offset
  return offsets
}

/** What makes a Buffer of every value, as the peers do. */
async function readValues(log: Log): Promise<number> {
  let bytes = 0
  for await (const batch of log.readBatches())
    for (const record of batch.records()) bytes += record.value?.length ?? 0
  return bytes
}

async function readRaw(path: string): Promise<Sample[]> {
  const descriptor = openSync(path, 'r')
  const buffer = Buffer.allocUnsafeSlow(readBytes)
  let position = 0
  const seconds = await secondsOf(() => {
    for (let count = -1; count !== 0; position += count)
      count = readSync(descriptor, buffer, 0, readBytes, position)
  })
  closeSync(descriptor)
  return [rate(names.raw, 'MB/s', position, seconds)]
}

async function getAtRandom(
  figure: string,
  recordCount: number,
  pointCount: number,
  get: (offset: number) => unknown,
): Promise<Sample[]> {
  const next = numbersFrom(pointCount)
  const seconds = await secondsOf(async () => {
    for (let count = 0; count < pointCount; count++) {
      const found = get(next() % recordCount)
      if (found instanceof Promise) await found
    }
  })
  return [{ figure, unit: 'us', value: (seconds * 1e6) / pointCount }]
}

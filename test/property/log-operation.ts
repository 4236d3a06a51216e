import type { EndTransactionType } from '../../src/batch/control-record.ts'
import type { CompressionName } from '../../src/batch/compression.ts'
import type { LogOptions } from '../../src/log/log-options.ts'
import type { EntryOrder } from '../../src/testing/unsynced-entries.ts'
import { type SeededRandom, seededRandom } from '../../src/testing/seeded-random.ts'
import type { ModelRecord } from './model-log.ts'

/**
 * What a random run does, as plain data: so that a failing one can be printed, and made smaller by leaving operations
 * out. Places are fractions of what the log holds when their turn comes, in `[0, 1)`.
 */
export type Operation =
  | { readonly do: 'append'; readonly batches: readonly BatchPlan[] }
  | { readonly do: 'refuse'; readonly what: Refusal; readonly producerId: number }
  | {
      readonly do: 'read'
      readonly how: ReadKind
      readonly from: number
      readonly to: number
      readonly maxBytes: number
    }
  | { readonly do: 'follow'; readonly maxBytes: number }
  | { readonly do: 'flush' | 'retain' | 'reopen' | 'reopen twice' }
  | { readonly do: 'truncate' | 'trim'; readonly at: number }
  | { readonly do: 'advance'; readonly ms: number }
  | CrashOperation

/** An end of the world in the middle of other operations, and perhaps again in the middle of reopening. */
export interface CrashOperation {
  readonly do: 'crash'
  readonly end: 'kill' | 'lose unsynced' | 'keep unsynced' | 'random'
  readonly seed: number
  /** Appends under way. */
  readonly batches: readonly BatchPlan[]
  /** What else is under way. */
  readonly during: 'nothing' | 'flush' | 'truncate' | 'trim' | 'retain' | 'close'
  readonly at: number
  /** After so many calls of the file system, if there are as many. */
  readonly afterCalls: number
  /** The same for each interrupted attempt to open the log again. */
  readonly openings: readonly number[]
}

/** What an append is refused for, or, with `duplicate`, answered without being made. */
export type Refusal =
  | 'duplicate'
  | 'gap'
  | 'old epoch'
  | 'outside its transaction'
  | 'expected offset'
  | 'too large'

export type ReadKind = 'records' | 'batches' | 'get' | 'timestamp'

/** One append. The producer's epoch and sequence follow from the log when its turn comes. */
export interface BatchPlan {
  readonly records: readonly ModelRecord[]
  readonly encoded: boolean
  readonly compression: CompressionName
  readonly producerId?: number
  readonly bumpsEpoch?: boolean
  readonly isTransactional?: boolean
  readonly marker?: EndTransactionType
}

/** One random run. */
export interface Plan {
  readonly options: LogOptions
  readonly entryOrder: EntryOrder
  readonly operations: readonly Operation[]
}

/** Where the clock of every run starts. */
export const startMs = 1_700_000_000_000

export const idempotentIds = [1, 2] as const
export const transactionalIds = [11, 12] as const

const codecs: readonly CompressionName[] = ['none', 'none', 'gzip', 'snappy', 'lz4']
const hourMs = 60 * 60 * 1000
const operationCountMax = 24

/** The run that belongs to `seed`. */
export function planOf(seed: number): Plan {
  const random = seededRandom(seed)
  const options = randomOptions(random)
  const entryOrder = random.pick(['free', 'free', 'journaled'] as const)
  const operations: Operation[] = []
  for (let count = 4 + random.int(operationCountMax); count > 0; count--)
    operations.push(randomOperation(random))
  return { options, entryOrder, operations }
}

function randomOptions(random: SeededRandom): LogOptions {
  return {
    durability: random.pick(['sync', 'sync', 'interval', 'os'] as const),
    segmentBytes: random.pick([1024, 1500, 3000, 8000]),
    segmentMs: random.pick([-1, -1, hourMs]),
    indexIntervalBytes: random.pick([0, 100, 400, 4096]),
    indexBytesMax: random.pick([10 * 1024 * 1024, 60]),
    indexCacheBytes: random.pick([0, 60, 64 * 1024 * 1024]),
    maxOpenFiles: random.pick([8, 256]),
    maxQueuedBytes: 1024 * 1024,
    reserveBytes: random.pick([0, 1000]),
    compression: random.pick(codecs),
    timestampType: random.pick(['CreateTime', 'CreateTime', 'LogAppendTime'] as const),
    fileDeleteDelayMs: random.pick([0, 60_000]),
    retentionBytes: random.pick([-1, -1, 2000, 0]),
    retentionMs: random.pick([-1, -1, hourMs]),
    scrubBytesPerSecond: random.pick([0, 5000]),
    syncIntervalRecords: random.pick([-1, 5]),
    // Producers are remembered throughout, so that the model need not know when the log looks at its clock.
    producerIdExpirationMs: 1000 * hourMs,
    timestampAfterMaxMs: -1,
  }
}

function randomOperation(random: SeededRandom): Operation {
  const dice = random.int(100)
  if (dice < 34) return { do: 'append', batches: randomBatches(random, random.pick([1, 1, 1, 2, 4])) }
  if (dice < 42) {
    const what = random.pick([
      ...(['duplicate', 'duplicate', 'gap', 'old epoch'] as const),
      ...(['outside its transaction', 'expected offset', 'too large'] as const),
    ])
    return { do: 'refuse', what, producerId: random.pick([...idempotentIds, ...transactionalIds]) }
  }
  if (dice < 54) return randomRead(random)
  if (dice < 57) return { do: 'follow', maxBytes: random.pick([1, 200, 100_000]) }
  if (dice < 61) return { do: random.pick(['flush', 'retain'] as const) }
  if (dice < 66) return { do: 'truncate', at: random.next() }
  if (dice < 71) return { do: 'trim', at: random.next() }
  if (dice < 74) return { do: 'advance', ms: random.pick([10, 1500, 61_000, 2 * hourMs]) }
  if (dice < 82) return { do: random.pick(['reopen', 'reopen', 'reopen twice'] as const) }
  return randomCrashOperation(random)
}

function randomRead(random: SeededRandom): Operation {
  const how = random.pick(['records', 'batches', 'get', 'timestamp'] as const)
  return { do: 'read', how, from: random.next(), to: random.next(), maxBytes: random.pick([1, 300, 100_000]) }
}

function randomCrashOperation(random: SeededRandom): CrashOperation {
  const during = random.pick(['nothing', 'nothing', 'flush', 'truncate', 'trim', 'retain', 'close'] as const)
  // The writer orders a truncation, or a close, among the appends as it likes: these come alone.
  const isAlone = during === 'truncate' || during === 'close'
  return {
    do: 'crash',
    end: random.pick(['kill', 'lose unsynced', 'keep unsynced', 'random', 'random', 'random']),
    seed: random.int(2 ** 31),
    batches: isAlone ? [] : randomBatches(random, random.int(7)),
    during,
    at: random.next(),
    afterCalls: random.pick([random.int(10), random.int(40), 1000]),
    openings: random.pick([[], [], [random.int(40)], [random.int(40), random.int(60)]]),
  }
}

function randomBatches(random: SeededRandom, count: number): BatchPlan[] {
  return Array.from({ length: count }, () => randomBatch(random))
}

function randomBatch(random: SeededRandom): BatchPlan {
  const encoded = random.next() < 0.3
  const compression = random.pick(codecs)
  const dice = random.next()
  if (dice < 0.1) {
    const producerId = random.pick(transactionalIds)
    return {
      records: [],
      encoded: true,
      compression,
      producerId,
      marker: random.pick(['COMMIT', 'ABORT'] as const),
    }
  }
  const records = randomRecords(random)
  if (dice < 0.3) {
    const producerId = random.pick(transactionalIds)
    return { records, encoded: true, compression, producerId, isTransactional: true }
  }
  if (dice < 0.6) {
    const producerId = random.pick(idempotentIds)
    return { records, encoded, compression, producerId, bumpsEpoch: random.next() < 0.15 }
  }
  return { records, encoded, compression }
}

function randomRecords(random: SeededRandom): ModelRecord[] {
  if (random.next() < 0.1) return [randomRecord(random, 700)]
  return Array.from({ length: 1 + random.int(5) }, () => randomRecord(random, 60))
}

function randomRecord(random: SeededRandom, valueBytesMax: number): ModelRecord {
  const text = (bytesMax: number) => random.bytes(random.int(bytesMax)).toString('hex').slice(0, bytesMax)
  return {
    key: random.next() < 0.3 ? null : text(6),
    value: random.next() < 0.1 ? null : text(valueBytesMax),
    headers:
      random.next() < 0.8
        ? []
        : [
            ['trace', text(4)],
            ['trace', null],
          ],
    timestamp: startMs - random.int(hourMs),
  }
}

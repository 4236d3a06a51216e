import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Batch } from '../../../src/batch/batch.ts'
import { nodeEnv } from '../../../src/env/node-env.ts'
import { cleanShutdownSidecar } from '../../../src/log/clean-shutdown.ts'
import { type DurablePoint, DurablePointStore } from '../../../src/log/durable-point.ts'
import { segmentFileName } from '../../../src/log/file-names.ts'
import { FilePool } from '../../../src/log/file-pool.ts'
import { IndexCache } from '../../../src/log/index-cache.ts'
import { resolveLogConfig } from '../../../src/log/log-config.ts'
import { PartitionLog } from '../../../src/log/partition-log.ts'
import { listPartition } from '../../../src/log/partition-listing.ts'
import { type BatchHeader, readBatchHeaders } from '../../golden/batch-headers.ts'
import { LogFeeder, sameEverywhere } from '../log-feeder.ts'

/** An undamaged partition, of which copies are damaged. */
export interface BaseDirectory {
  readonly name: string
  readonly directory: string
  /** Who wrote it: only with ours there are side files that know more than Kafka's checkpoints. */
  readonly writer: 'Kafka' | 'Tidemark'
  /** The ends of its batches, in order: where a recovery point may lie. The first is the beginning of the log. */
  readonly boundaries: readonly DurablePoint[]
  readonly headers: readonly BatchHeader[]
  /** Just after its last record. */
  readonly nowMs: number
}

const golden = fileURLToPath(new URL('../../../data/golden', import.meta.url))

/** Two that Kafka wrote, the second of them killed in the middle, and one of ours, made below `work`. */
export async function baseDirectories(work: string): Promise<BaseDirectory[]> {
  const ours = join(work, 'ours-0')
  await writeOurs(ours)
  return [
    describeBase('fixture', join(golden, 'kafka-4.0/fixture-0'), 'Kafka'),
    describeBase('killed broker', join(golden, 'kafka-4.3.1-broker/killed/transactions-0'), 'Kafka'),
    describeBase('ours', ours, 'Tidemark'),
  ]
}

/** Three leader epochs, each by a process of its own, and a transaction that is left open. */
async function writeOurs(directory: string): Promise<void> {
  mkdirSync(directory, { recursive: true })
  const env = nodeEnv()
  const config = resolveLogConfig({ segmentBytes: 16_384, indexIntervalBytes: 1024, reserveBytes: 0 })
  const startOffsets = { load: () => 0, store: () => Promise.resolve() }
  let partition: PartitionLog | undefined
  const append = (batch: Buffer) => partition?.append(new Batch(batch)) ?? Promise.reject()
  const feeder = new LogFeeder(append, { codecs: sameEverywhere })
  for (const epoch of [0, 1, 4]) {
    const context = { pool: new FilePool(env.files, 64), indexCache: new IndexCache(1 << 24) }
    partition = await PartitionLog.open(directory, { env, config, startOffsets, ...context })
    await partition.beginEpoch(epoch)
    await feeder.feed(6)
    if (epoch === 4) await feeder.leaveOpen(900)
    await partition.close()
  }
}

function describeBase(name: string, directory: string, writer: 'Kafka' | 'Tidemark'): BaseDirectory {
  const { baseOffsets } = listPartition(nodeEnv().files, directory)
  const [first = 0] = baseOffsets
  const boundaries: DurablePoint[] = [{ offset: first, baseOffset: first, sizeBytes: 0 }]
  const headers: BatchHeader[] = []
  for (const baseOffset of baseOffsets)
    for (const header of readBatchHeaders(
      readFileSync(join(directory, segmentFileName(baseOffset, '.log'))),
    )) {
      const sizeBytes = header.position + header.sizeBytes
      boundaries.push({ offset: header.lastOffset + 1, baseOffset, sizeBytes })
      headers.push(header)
    }
  const nowMs = Math.max(...headers.map(({ maxTimestamp }) => maxTimestamp)) + 1
  return { name, directory, writer, boundaries, headers, nowMs }
}

/**
 * Some timestamps of a log, of which the first record that reaches them is one that both loaders look for: not a marker,
 * which ours passes over, and not behind the start of the log, where Kafka may miss it.
 */
export function timestampsIn({ headers, nowMs }: BaseDirectory, startOffset: number): number[] {
  const every = Math.ceil(headers.length / 12)
  const candidates = headers.filter((_, index) => index % every === 0).map(({ maxTimestamp }) => maxTimestamp)
  const isFair = (timestamp: number) => {
    const found = headers.find(({ maxTimestamp }) => maxTimestamp >= timestamp)
    return found !== undefined && !found.isControl && found.baseOffset >= startOffset
  }
  return [...candidates.filter(isFair), nowMs]
}

/**
 * The end of the last batch that damage left as it was and where it was; the beginning of the log when there is none.
 */
export function intactEndOffset({ directory, boundaries }: BaseDirectory, damaged: string): number {
  const read = (path: string, baseOffset: number) => {
    const name = join(path, segmentFileName(baseOffset, '.log'))
    return existsSync(name) ? readFileSync(name) : Buffer.alloc(0)
  }
  let end = boundaries[0]?.offset ?? 0
  for (const [index, boundary] of boundaries.entries()) {
    const before = boundaries[index - 1]
    if (before === undefined) continue
    const start = before.baseOffset === boundary.baseOffset ? before.sizeBytes : 0
    const [whole, found] = [directory, damaged].map((path) =>
      read(path, boundary.baseOffset).subarray(start, boundary.sizeBytes),
    )
    if (whole !== undefined && found !== undefined && whole.equals(found)) end = boundary.offset
  }
  return end
}

/** A copy of all of it. */
export function copyBase(base: BaseDirectory, directory: string): void {
  cpSync(base.directory, directory, { recursive: true })
}

/** In a copy of ours: as a crash leaves it when everything up to `durable` was synced. */
export function forgetCleanStop(directory: string, durable: DurablePoint): void {
  rmSync(join(directory, cleanShutdownSidecar), { force: true })
  const pool = new FilePool(nodeEnv().files, 8)
  new DurablePointStore(pool, directory).store(durable)
  pool.dropDirectory(directory)
}

/** Copies nothing but the logs, and of them what comes before a boundary: what nothing can be wrong with. */
export function copyLogsUpTo(base: BaseDirectory, boundary: DurablePoint, directory: string): void {
  mkdirSync(directory, { recursive: true })
  const { baseOffsets } = listPartition(nodeEnv().files, base.directory)
  for (const baseOffset of baseOffsets) {
    if (baseOffset > boundary.baseOffset) continue
    const name = segmentFileName(baseOffset, '.log')
    cpSync(join(base.directory, name), join(directory, name))
    if (baseOffset === boundary.baseOffset) truncateSync(join(directory, name), boundary.sizeBytes)
  }
}

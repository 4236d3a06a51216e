import { expect } from 'vitest'
import type { PartitionLog } from '../../src/log/partition-log.ts'
import type { MemoryEnv } from '../../src/testing/memory-env.ts'
import { logEndOffset } from './kafka-directory.ts'
import { kafkaWorld, openPartition, partitionDirectory, putBytes, takeBytes } from './kafka-world.ts'

/**
 * Who had the partition that Kafka wrote open last, and how that ended, which decides what is known of it:
 *
 * - `closed`: a log of ours, closed cleanly;
 * - `killed`: a log of ours, killed;
 * - `foreign`: as Kafka left it. What Kafka had flushed is not known.
 */
export type Past = (typeof pasts)[number]
export const pasts = ['closed', 'killed', 'foreign'] as const

export async function worldOf(past: Past): Promise<MemoryEnv> {
  const env = kafkaWorld()
  if (past === 'foreign') return env
  const log = await openPartition(env)
  if (past === 'killed') return env.kill()
  await log.close()
  return env
}

/** Names of segments, without the kind of file. */
export const active = '00000000000000001627'
export const middle = '00000000000000000565'

export function remove(env: MemoryEnv, name: string): void {
  env.files.removeSync(`${partitionDirectory}/${name}`)
}

export function edit(env: MemoryEnv, name: string, change: (bytes: Buffer) => Buffer): void {
  putBytes(env, name, change(takeBytes(env, name)))
}

export function extend(env: MemoryEnv, name: string, tail: Buffer): void {
  edit(env, name, (bytes) => Buffer.concat([bytes, tail]))
}

export function cutBy(env: MemoryEnv, name: string, count: number): void {
  edit(env, name, (bytes) => bytes.subarray(0, bytes.length - count))
}

export function flipAt(env: MemoryEnv, name: string, position: number): void {
  edit(env, name, (bytes) => {
    bytes[position] = (bytes[position] ?? 0) ^ 0x04
    return bytes
  })
}

const abortedMarkers = [268, 547, 792, 1045, 1326, 1613]

/** Expects of the partition what Kafka says is in it, up to `endOffset`. */
export async function expectWhole(log: PartitionLog, endOffset = logEndOffset): Promise<void> {
  expect([log.startOffset, log.endOffset]).toEqual([0, endOffset])
  let next = 0
  while (next < endOffset) {
    const { slice } = await log.reader.read(next, 100_000)
    next = slice.nextOffset
  }
  expect(log.abortedTransactions(0, endOffset).map(({ lastOffset }) => lastOffset)).toEqual(abortedMarkers)
  expect(log.state.epochs.entries.map(({ startOffset }) => startOffset)).toEqual([0, 818, 1356])
  const sequences = [1000, 2000].map((id) => log.state.producers.get(id)?.batches.at(-1)?.lastSequence)
  expect(sequences).toEqual([450, 467])
  expect([...log.state.segments].map(({ maxTimestamp }) => maxTimestamp).slice(0, 3)).toEqual([
    1700000080000, 1700000162027, 1700000239000,
  ])
  for (const offset of [0, 300, 564, 565, 800, 1089, 1090, 1626, 1700]) {
    const batch = log.reader.readBatch(offset)
    expect((batch?.baseOffset ?? Infinity) <= offset && offset <= (batch?.lastOffset ?? -1)).toBe(true)
  }
}

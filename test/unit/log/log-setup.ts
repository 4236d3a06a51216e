import { expect, onTestFinished } from 'vitest'
import { encodeBatch, type EncodeOptions } from '../../../src/batch/encode-batch.ts'
import type { RecordInput } from '../../../src/batch/record-input.ts'
import { turn } from '../../../src/env/turn.ts'
import { type Log, openLog } from '../../../src/log/log.ts'
import type { LogOptions, ReadOptions } from '../../../src/log/log-options.ts'
import { ManualClock } from '../../../src/testing/manual-clock.ts'
import { memoryEnv, type MemoryEnv, type MemoryEnvOptions } from '../../../src/testing/memory-env.ts'
import { checkLog } from '../../open-test-log.ts'

/** Where the tests keep their log. */
export const directory = '/data/orders-0'

/** When the clocks of the tests begin. */
export const startMs = 1_700_000_000_000

/** A world in memory whose time stands still until it is told to move. */
export function stillWorld(options: Omit<MemoryEnvOptions, 'clock'> = {}): {
  env: MemoryEnv
  clock: ManualClock
} {
  const clock = new ManualClock(startMs)
  return { env: memoryEnv({ seed: 1, ...options, clock }), clock }
}

/** The logs that the running test has opened. */
const opened: { log: Log; path: string; options: LogOptions }[] = []

/**
 * Opens the log. When the test is over all of its logs are closed and each is checked from end to end, but those whose
 * world died; one that was poisoned is let go as it is first.
 */
export async function open(options: LogOptions, path = directory): Promise<Log> {
  const log = await openLog(path, options)
  if (opened.length === 0) onTestFinished(closeAndCheck)
  opened.push({ log, path, options })
  return log
}

async function closeAndCheck(): Promise<void> {
  const logs = opened.splice(0)
  for (const { log } of logs) await log.close().catch(() => undefined)
  const checked = new Set<string>()
  for (const { path, options } of logs.toReversed()) {
    if (options.readOnly === true || checked.has(path) || isGone(options, path)) continue
    checked.add(path)
    await checkLog(path, options)
  }
}

/** Whether the power of the world was cut, or its process killed: then it refuses every call. */
function isGone({ env }: LogOptions, path: string): boolean {
  try {
    env?.files.statSync(path)
    return false
  } catch {
    return true
  }
}

/** Appends a record per value, each by itself, one after the other. */
export async function appendEach(log: Log, ...values: readonly string[]): Promise<void> {
  for (const value of values) await log.append({ value })
}

/** `count` values, each of `sizeBytes` bytes, none like another. */
export function valuesOf(count: number, sizeBytes = 8): string[] {
  return Array.from({ length: count }, (_, index) => `${index}.`.padEnd(sizeBytes, 'x'))
}

/** The values that reading gives, as text. */
export async function valuesIn(log: Log, options: ReadOptions = {}): Promise<(string | undefined)[]> {
  const values: (string | undefined)[] = []
  for await (const { value } of log.read(options)) values.push(value?.toString())
  return values
}

/** The offsets that reading gives. */
export async function offsetsIn(log: Log, options: ReadOptions = {}): Promise<number[]> {
  const offsets: number[] = []
  for await (const { offset } of log.read(options)) offsets.push(offset)
  return offsets
}

export function range(from: number, end: number): number[] {
  return Array.from({ length: end - from }, (_, index) => from + index)
}

/** One batch as a producer sends it. */
export function batchOf(records: readonly RecordInput[], options: Partial<EncodeOptions> = {}): Buffer {
  return encodeBatch(records, { now: startMs, ...options })
}

/** Lets everything run that waits for nothing but its turn. */
export async function turns(env: MemoryEnv, count = 20): Promise<void> {
  for (let left = count; left > 0; left--) await turn(env.clock)
}

/** The names in the log's directory, sorted. */
export function namesIn(env: MemoryEnv, path = directory): string[] {
  return env.files.listSync(path).sort()
}

/** The whole content of a file. */
export function bytesOf(env: MemoryEnv, name: string, path = directory): Buffer {
  const file = env.files.openSync(`${path}/${name}`, 'read')
  const bytes = Buffer.alloc(file.sizeSync())
  file.readSync(bytes, 0, bytes.length, 0)
  file.closeSync()
  return bytes
}

/** Makes `bytes` the whole content of a file. */
export function putFile(env: MemoryEnv, name: string, bytes: Buffer | string, path = directory): void {
  env.files.makeDirectorySync(path)
  const file = env.files.openSync(`${path}/${name}`, 'write')
  file.truncateSync(0)
  if (bytes.length > 0) file.writevSync([Buffer.from(bytes)], 0)
  file.closeSync()
}

/** Changes what a file holds. */
export function change(env: MemoryEnv, name: string, edit: (bytes: Buffer) => Buffer | undefined): void {
  const bytes = bytesOf(env, name)
  putFile(env, name, edit(bytes) ?? bytes)
}

/** Flips one bit of a file. */
export function flip(env: MemoryEnv, name: string, position: number): void {
  change(env, name, (bytes) => {
    bytes[position] = (bytes[position] ?? 0) ^ 0x10
    return bytes
  })
}

/** 30 batches of 2 records, 10 ms apart, over several segments. */
export async function filled(): Promise<{ log: Log } & ReturnType<typeof stillWorld>> {
  const world = stillWorld()
  const log = await open({ env: world.env, segmentBytes: 1024, indexIntervalBytes: 200 })
  for (let batch = 0; batch < 30; batch++) {
    world.clock.advance(10)
    await log.append([{ value: `${2 * batch}` }, { value: `${2 * batch + 1}` }])
  }
  expect((await log.stats()).segments).toBeGreaterThan(2)
  return { log, ...world }
}

import { readdirSync, readFileSync } from 'node:fs'
import { onTestFinished } from 'vitest'
import { iterateBatches } from '../../../src/batch/iterate-batches.ts'
import { encodeEndTransactionMarker } from '../../../src/batch/control-record.ts'
import { type SegmentFileKind, segmentFileName } from '../../../src/log/file-names.ts'
import { type Log, openLog } from '../../../src/log/log.ts'
import type { LogOptions } from '../../../src/log/log-options.ts'
import { verifyDirectory, type VerifyReport } from '../../../src/log/verify-directory.ts'
import { ManualClock } from '../../../src/testing/manual-clock.ts'
import { memoryEnv, type MemoryEnv } from '../../../src/testing/memory-env.ts'
import { batchOf, bytesOf, directory, namesIn, putFile, startMs } from './log-setup.ts'

/** Small segments and dense indexes, so that a small log has several of each. */
export const sampleOptions: LogOptions = { segmentBytes: 1100, indexIntervalBytes: 100, reserveBytes: 0 }

/** The content of a directory, by name. */
export type Files = ReadonlyMap<string, Buffer>

/** What a record of the sample says. */
export interface SampleRecord {
  readonly offset: number
  readonly value: string | undefined
}

/** A world in memory with nothing but `files` in the directory of the log. */
export function worldOf(files: Files): MemoryEnv {
  const env = memoryEnv({ clock: new ManualClock(startMs), seed: 1, crashable: false })
  for (const [name, bytes] of files) putFile(env, name, bytes)
  return env
}

/** Every file in the directory of the log. */
export function filesIn(env: MemoryEnv): Map<string, Buffer> {
  const names = namesIn(env).filter((name) => env.files.statSync(`${directory}/${name}`)?.kind === 'file')
  return new Map(names.map((name) => [name, bytesOf(env, name)]))
}

/**
 * A log of several segments with plain and compressed batches, an idempotent producer, and transactions of which some
 * were aborted. `end` says how its process ended.
 */
export async function sampleLog(end: 'closed' | 'killed', rounds = 7): Promise<Map<string, Buffer>> {
  const env = memoryEnv({ clock: new ManualClock(startMs), seed: 1 })
  const log = await openLog(directory, { env, ...sampleOptions })
  await fillSample(log, rounds)
  if (end === 'closed') await log.close()
  const after = end === 'closed' ? env : env.kill()
  const files = filesIn(after)
  files.delete('.lock')
  return files
}

async function fillSample(log: Log, rounds: number): Promise<void> {
  let sequence = 0
  const transactional = { producerId: 42, producerEpoch: 1, isTransactional: true }
  for (let round = 0; round < rounds; round++) {
    await log.append({ key: 'k', value: `plain ${round}`, timestamp: startMs + round * 100 })
    const three = ['a', 'b', 'c'].map((value) => ({
      value: `${value}${round}`,
      timestamp: startMs + round * 100 + 7,
    }))
    await log.append(three, { compression: 'lz4', producer: { id: 7, epoch: 0, sequence: round * 3 } })
    const records = [{ value: `in transaction ${round}` }, { value: null, key: 'gone' }]
    await log.appendBatch(batchOf(records, { ...transactional, baseSequence: sequence }))
    sequence += 2
    await log.append({ value: `between ${round}`.padEnd(90, '.') })
    await log.appendBatch(encodeMarker(round % 2 === 0 ? 'ABORT' : 'COMMIT'))
  }
}

function encodeMarker(type: 'ABORT' | 'COMMIT'): Buffer {
  return encodeEndTransactionMarker({
    ...{ type, coordinatorEpoch: 3, producerId: 42, producerEpoch: 1, timestampMs: startMs },
  })
}

export function verify(env: MemoryEnv): Promise<VerifyReport> {
  return verifyDirectory(directory, { env })
}

/** The verdicts of the files that are not good, with the first problem or the detail. */
export function badFiles({ files }: VerifyReport): string[] {
  return files
    .filter(({ verdict }) => verdict !== 'good')
    .map(({ file, verdict, problems, detail }) => `${file} ${verdict}: ${problems[0]?.reason ?? detail}`)
}

/** Opens the log in `env`, and closes it when the test is over. */
export async function openSample(env: MemoryEnv): Promise<Log> {
  const log = await openLog(directory, { env, ...sampleOptions })
  onTestFinished(() => log.close().catch(() => undefined))
  return log
}

export async function recordsIn(log: Log): Promise<SampleRecord[]> {
  const records: SampleRecord[] = []
  for await (const { offset, value } of log.read()) records.push({ offset, value: value?.toString() })
  return records
}

/** The partition's directory that Apache Kafka wrote. */
export function kafkaFiles(): Map<string, Buffer> {
  const source = new URL('../../../data/golden/kafka-4.0/fixture-0/', import.meta.url)
  return new Map(readdirSync(source).map((name) => [name, readFileSync(new URL(name, source))]))
}

/** The name of a segment's file. */
export function nameOf(baseOffset: number, kind: SegmentFileKind): string {
  return segmentFileName(baseOffset, kind)
}

/** `files` with one of them changed, or removed if `edit` returns nothing. */
export function damaged(
  files: Files,
  name: string,
  edit: (bytes: Buffer) => Buffer | undefined,
): Map<string, Buffer> {
  const result = new Map(files)
  const original = files.get(name)
  if (original === undefined) throw new TypeError(`there is no ${name} to damage`)
  const bytes = edit(Buffer.from(original))
  if (bytes === undefined) result.delete(name)
  else result.set(name, bytes)
  return result
}

/** Flips one bit. */
export function flipped(files: Files, name: string, position: number, bit = 4): Map<string, Buffer> {
  return damaged(files, name, (bytes) => {
    bytes.writeUInt8(bytes.readUInt8(position) ^ (1 << bit), position)
    return bytes
  })
}

/** Where the batches of a segment begin, by their first offsets. */
export function positionsIn(bytes: Buffer): Map<number, number> {
  return new Map([...iterateBatches(bytes)].map((batch) => [batch.baseOffset, batch.start]))
}

/** What reading a log with these files gives. */
export async function recordsOf(files: Files): Promise<SampleRecord[]> {
  const log = await openLog(directory, { env: worldOf(files), ...sampleOptions })
  const records = await recordsIn(log)
  await log.close()
  return records
}

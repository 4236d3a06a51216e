import { join } from 'node:path'
import { encodeEndTransactionMarker } from '../../src/batch/control-record.ts'
import { encodeBatch } from '../../src/batch/encode-batch.ts'
import type { Files } from '../../src/env/env.ts'
import { type Log, openLog } from '../../src/log/log.ts'
import type { LogOptions } from '../../src/log/log-options.ts'
import { readWhole } from '../../src/log/replace-file.ts'
import { ManualClock } from '../../src/testing/manual-clock.ts'
import { type MemoryEnv, memoryEnv } from '../../src/testing/memory-env.ts'

/** The files of a log's directory by name. */
export type LogImage = ReadonlyMap<string, Buffer>

export const directory = '/data/orders-0'

/** How the process that wrote an image ended. */
export type Stop = 'clean' | 'unclean'

/** Every file in `directory`; there are no directories in it. */
export function imageOf(files: Files): LogImage {
  const names = files.listSync(directory)
  return new Map(names.map((name) => [name, readWhole(files, join(directory, name), 1e9) ?? Buffer.alloc(0)]))
}

/** A world whose disk holds the image and nothing else. */
export function boot(image: LogImage): MemoryEnv {
  const env = memoryEnv({ clock: new ManualClock(), seed: 1, crashable: false })
  env.files.makeDirectorySync(directory)
  for (const [name, bytes] of image) {
    const file = env.files.openSync(join(directory, name), 'create')
    if (bytes.length > 0) file.writevSync([bytes], 0)
    file.closeSync()
  }
  return env
}

/** The image with other bytes in one of its files. */
export function withFile(image: LogImage, name: string, bytes: Buffer): LogImage {
  return new Map([...image, [name, bytes]])
}

/** What `write` leaves of a new log once it was closed, or its process killed. */
export async function writeImage(
  stop: Stop,
  options: LogOptions,
  write: (log: Log) => Promise<unknown>,
): Promise<LogImage> {
  const env = memoryEnv({ clock: new ManualClock(), seed: 1 })
  const log = await openLog(directory, { ...options, env })
  await write(log)
  if (stop === 'clean') await log.close()
  return imageOf(stop === 'clean' ? env.files : env.kill().files)
}

/** A log with a bit of everything: codecs, an idempotent producer, a committed and an aborted transaction. */
export async function writeVariety(log: Log): Promise<void> {
  const now = 1_700_000_000_000
  await log.append([
    { key: 'a', value: 'first', timestamp: now - 5 },
    { value: null, timestamp: now - 9 },
  ])
  await log.append({ value: 'x'.repeat(90), headers: { trace: '1' } }, { compression: 'gzip' })
  await log.append([{ value: 'once' }], { producer: { id: 1, epoch: 0, sequence: 0 } })
  for (const [producerId, type] of [
    [2, 'ABORT'],
    [3, 'COMMIT'],
  ] as const) {
    const sender = { producerId, producerEpoch: 0, baseSequence: 0, isTransactional: true }
    await log.appendBatch(encodeBatch([{ value: type }, { value: 'sent' }], { now, ...sender }))
    const marker = { type, coordinatorEpoch: 0, producerId, producerEpoch: 0, timestampMs: now }
    await log.appendBatch(encodeEndTransactionMarker(marker))
  }
  await log.append([{ key: 'z', value: 'y'.repeat(60) }, { value: 'last' }], { compression: 'snappy' })
}

/** A record as it is compared. */
export interface SeenRecord {
  readonly offset: number
  readonly timestamp: number
  readonly key: string
  readonly value: string
}

/** Reads all records of a log. */
export async function readRecords(log: Log): Promise<SeenRecord[]> {
  const records: SeenRecord[] = []
  for await (const { offset, timestamp, key, value } of log.read())
    records.push({ offset, timestamp, key: String(key), value: String(value) })
  return records
}

import { join } from 'node:path'
import type { Env, File } from '../../env/env.ts'
import { segmentFileName } from '../../log/file-names.ts'
import { type Log, openLog } from '../../log/log.ts'
import type { Session } from '../session.ts'
import type { EarthquakeRecord } from './earthquakes.ts'

const recordCount = 200_000
const batchCount = 500

/** How long it took to move `bytes`, which hold `records`; 0 where they are just bytes. */
export interface Timing {
  readonly what: string
  readonly records: number
  readonly bytes: number
  readonly durationMs: number
}

/**
 * Appends 200,000 earthquakes and reads them again, and reads and writes the same bytes as a plain file on the
 * same disk: what nothing could be faster than.
 */
export async function measureThroughput(
  session: Session,
  directory: string,
  earthquakes: readonly EarthquakeRecord[],
): Promise<Timing[]> {
  const { env } = session
  await using log = await openLog(join(directory, 'throughput'), { durability: 'os' })
  const appendMs = await timed(env, () => appendAll(session, log, earthquakes))
  const readMs = await timed(env, () => readAll(session, log))
  const { sizeBytes: bytes } = await log.stats()
  const raw = measureRaw(env, log)
  return [
    { what: 'append to the log', records: recordCount, bytes, durationMs: appendMs },
    { what: 'write to a plain file', records: 0, bytes, durationMs: raw.writeMs },
    { what: 'read from the log', records: recordCount, bytes, durationMs: readMs },
    { what: 'read from a plain file', records: 0, bytes, durationMs: raw.readMs },
  ]
}

async function timed(env: Env, action: () => Promise<void>): Promise<number> {
  const startedMs = env.clock.monotonicMs()
  await action()
  return env.clock.monotonicMs() - startedMs
}

async function appendAll(
  session: Session,
  log: Log,
  earthquakes: readonly EarthquakeRecord[],
): Promise<void> {
  using progress = session.progress('appending')
  for (let done = 0; done < recordCount; done += batchCount) {
    session.signal.throwIfAborted()
    progress.bytes(done, recordCount)
    const at = done % earthquakes.length
    await log.append(Array.from({ length: batchCount }, (_, index) => pick(earthquakes, at + index)))
  }
}

function pick(earthquakes: readonly EarthquakeRecord[], index: number): EarthquakeRecord {
  return earthquakes[index % earthquakes.length] as EarthquakeRecord
}

async function readAll(session: Session, log: Log): Promise<void> {
  let bytes = 0
  for await (const record of log.read({ signal: session.signal })) bytes += record.value?.length ?? 0
  if (bytes === 0) throw new Error('the log is empty, though records were appended')
}

/** Reads the log's own file, and writes what was read to another, in pieces of the size of a batch. */
function measureRaw(env: Env, log: Log): { writeMs: number; readMs: number } {
  const { files, clock } = env
  const source = files.openSync(join(log.directory, segmentFileName(0, '.log')), 'read')
  const target = files.openSync(join(log.directory, 'plain-copy'), 'create')
  const startedMs = clock.monotonicMs()
  const pieces = readPieces(source, Math.ceil((source.sizeSync() * batchCount) / recordCount))
  const readMs = clock.monotonicMs() - startedMs
  let position = 0
  for (const piece of pieces) position += target.writevSync([piece], position)
  const writeMs = clock.monotonicMs() - startedMs - readMs
  source.closeSync()
  target.closeSync()
  return { writeMs, readMs }
}

function readPieces(file: File, pieceBytes: number): Buffer[] {
  const pieces: Buffer[] = []
  const endPosition = file.sizeSync()
  for (let position = 0; position < endPosition; ) {
    const piece = Buffer.allocUnsafe(pieceBytes)
    const count = file.readSync(piece, 0, pieceBytes, position)
    pieces.push(piece.subarray(0, count))
    position += count
  }
  return pieces
}

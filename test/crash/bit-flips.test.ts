import { describe, expect, test } from 'vitest'
import { CorruptionError } from '../../src/base/errors.ts'
import { logStartOffsetCheckpointFile } from '../../src/log/file-names.ts'
import { type Log, openLog } from '../../src/log/log.ts'
import {
  boot,
  directory,
  type LogImage,
  readRecords,
  type SeenRecord,
  type Stop,
  withFile,
  writeImage,
  writeVariety,
} from './log-image.ts'

const options = { segmentBytes: 1024, indexIntervalBytes: 0, reserveBytes: 0, fileDeleteDelayMs: 0 } as const

/** What became of a flipped bit. */
type Outcome = 'refused at open' | 'refused at read' | 'harmless'

/** Two segments, the first of them trimmed in the middle. */
async function writeSegments(log: Log): Promise<void> {
  await writeVariety(log)
  for (const value of ['b', 'c', 'd']) await log.append({ value: value.repeat(50) })
  await log.append({ value: 'the end' })
  await log.trim(1)
}

/** Opens the log and reads it in every way; damage may be refused, and nothing else. */
async function look(
  image: LogImage,
  trustsTimes: boolean,
): Promise<{ outcome: Outcome; records: SeenRecord[] }> {
  const log = await openLog(directory, { ...options, env: boot(image) }).catch(mustBeDamage)
  if (log === undefined) return { outcome: 'refused at open', records: [] }
  const records = await readRecords(log).catch(mustBeDamage)
  if (records === undefined) return { outcome: 'refused at read', records: [] }
  for (const { offset } of records) expect(log.get(offset)?.offset).toBe(offset)
  for (const { timestamp } of trustsTimes ? records : []) {
    const due = records.find((each) => each.timestamp >= timestamp)
    expect(log.offsetForTimestamp(timestamp)).toEqual(due && { offset: due.offset, timestamp: due.timestamp })
  }
  return { outcome: 'harmless', records }
}

function mustBeDamage(error: unknown): undefined {
  if (!(error instanceof CorruptionError)) throw error
}

/** Another bit of each byte. */
function flipped(bytes: Buffer, position: number): Buffer {
  const copy = Buffer.from(bytes)
  copy[position] = (copy[position] ?? 0) ^ (1 << ((position * 5 + 3) % 8))
  return copy
}

describe.each(['clean', 'unclean'] satisfies Stop[])('after a(n) %s stop', (stop) => {
  test('no flipped bit of any file lets a wrong record out', async () => {
    const image = await writeImage(stop, options, writeSegments)
    const { records } = await look(image, true)
    const counts = { 'refused at open': 0, 'refused at read': 0, harmless: 0 }
    for (const [name, bytes] of image) {
      // Kafka's time index has no checksum, and only a clean stop leaves one: else a look-up may begin too late.
      const trustsTimes = stop === 'clean' || !name.endsWith('.timeindex')
      for (let position = 0; position < bytes.length; position++) {
        const where = `${name} at byte ${position}`
        const seen = await look(withFile(image, name, flipped(bytes, position)), trustsTimes).catch(
          (error: unknown) => {
            throw new Error(`${where}: ${String(error)}`, { cause: error })
          },
        )
        counts[seen.outcome]++
        if (seen.outcome !== 'harmless') continue
        // Neither has Kafka's text checkpoint: a flipped digit moves the start of the log, but alters no record.
        if (name === logStartOffsetCheckpointFile) expectSame(seen.records, records, where)
        else expect(seen.records, where).toEqual(records)
      }
    }
    // In batches there is hardly a bit that may be otherwise; that the test can tell shows in how many were refused.
    const batchBytes = [...image].reduce(
      (sum, [name, { length }]) => sum + (name.endsWith('.log') ? length : 0),
      0,
    )
    expect(counts['refused at read'] + counts['refused at open']).toBeGreaterThan(batchBytes * 0.95)
  })
})

/** The records that both have are the same. */
function expectSame(some: readonly SeenRecord[], others: readonly SeenRecord[], where: string): void {
  for (const record of some) {
    const other = others.find(({ offset }) => offset === record.offset)
    if (other !== undefined) expect(record, where).toEqual(other)
  }
}

import assert from 'node:assert/strict'
import { currentMagic } from '../../src/batch/format.ts'
import { iterateBatches } from '../../src/batch/iterate-batches.ts'
import { CorruptionError } from '../../src/base/errors.ts'
import { logStartOffsetCheckpointFile } from '../../src/log/file-names.ts'
import { type Log, openLog } from '../../src/log/log.ts'
import { type CaseRig, scattered } from './case-rig.ts'
import { type DamagedLog, damagedLogs, imageAfter, options } from './damaged-logs.ts'
import {
  boot,
  directory,
  type LogImage,
  readRecords,
  type SeenRecord,
  type Stop,
  withFile,
} from './log-image.ts'

const name = 'flips'
const stops: readonly Stop[] = ['clean', 'unclean']

/** One bit of one file, counted from the first of the file. */
interface Flip {
  readonly log: DamagedLog
  readonly stop: Stop
  readonly file: string
  readonly bit: number
}

/**
 * Flips single bits anywhere in the directory of a log, which is then opened and read in every way. No wrong record may
 * come out: the damage is refused, or it is harmless because the file is derived and made again, or trusted by nobody.
 */
export const bitFlips = bitFlipsOf(damagedLogs)

/** {@link bitFlips} of some of the logs. */
export function bitFlipsOf(logs: readonly DamagedLog[]): CaseRig {
  return { name, cases: (seed) => everyBit(logs, seed), tryCase }
}

async function* everyBit(logs: readonly DamagedLog[], seed: number): AsyncGenerator<string, void, string> {
  const files = await everyFile(logs)
  const bitCount = files.reduce((sum, { sizeBytes }) => sum + sizeBytes * 8, 0)
  for (const index of scattered(bitCount, seed)) yield formatFlip(locate(files, index))
}

async function tryCase(line: string): Promise<string> {
  const flip = parseFlip(line)
  const image = await imageAfter(flip.log, flip.stop)
  const bytes = flipped(image.get(flip.file) ?? Buffer.alloc(0), flip.bit)
  const expected = await lookAtUndamaged(flip.log, flip.stop)
  const isLookedUp = !isOldOffset(flip, image)
  const seen = await look(withFile(image, flip.file, bytes), isLookedUp)
  if (seen.outcome.startsWith('refused')) return seen.outcome
  if (!isLookedUp) return mustBeSomeOf(seen.records, expected.records)
  // Kafka's text checkpoint has no checksum: a flipped digit moves the start of the log, but alters no record.
  if (flip.file === logStartOffsetCheckpointFile) assertSameWhereBoth(seen.records, expected.records)
  else assert.deepEqual(seen.records, expected.records)
  return seen.rebuiltCount > expected.rebuiltCount ? 'rebuilt' : 'harmless'
}

/**
 * Messages of the formats 0 and 1 have no checksum over their offset, which may also skip numbers. A reader may be misled
 * to it, or past the rest, but not to other content.
 */
function isOldOffset({ log, file, bit }: Flip, image: LogImage): boolean {
  const bytes = image.get(file)
  if (log !== 'legacy' || !file.endsWith('.log') || bytes === undefined) return false
  for (const batch of iterateBatches(bytes))
    if (batch.start <= bit >> 3 && bit >> 3 < batch.start + 8) return batch.magic !== currentMagic
  return false
}

function mustBeSomeOf(some: readonly SeenRecord[], all: readonly SeenRecord[]): string {
  const contents = new Set(all.map(({ key, value }) => `${key}=${value}`))
  for (const { key, value } of some) assert.ok(contents.has(`${key}=${value}`))
  return 'offset of an old format'
}

interface FlippedFile extends Omit<Flip, 'bit'> {
  readonly sizeBytes: number
}

async function everyFile(logs: readonly DamagedLog[]): Promise<FlippedFile[]> {
  const files: FlippedFile[] = []
  for (const log of logs)
    for (const stop of stops)
      for (const [file, { length }] of await imageAfter(log, stop))
        files.push({ log, stop, file, sizeBytes: length })
  return files
}

function locate(files: readonly FlippedFile[], index: number): Flip {
  let bit = index
  for (const { sizeBytes, ...file } of files) {
    if (bit < sizeBytes * 8) return { ...file, bit }
    bit -= sizeBytes * 8
  }
  throw new RangeError(`there is no bit ${index}`)
}

function formatFlip({ log, stop, file, bit }: Flip): string {
  return `${name} ${log} ${stop} ${file} ${bit}`
}

function parseFlip(line: string): Flip {
  const [rig, log, stop, file, bit] = line.split(' ')
  if (rig !== name || file === undefined || bit === undefined)
    throw new RangeError(`not a flipped bit: "${line}"`)
  return { log: log as DamagedLog, stop: stop as Stop, file, bit: Number(bit) }
}

function flipped(bytes: Buffer, bit: number): Buffer {
  const copy = Buffer.from(bytes)
  copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7))
  return copy
}

/** What was seen of a log. */
interface Sight {
  readonly outcome: 'refused at open' | 'refused at read' | 'read'
  readonly records: readonly SeenRecord[]
  /** Derived files that were made again. */
  readonly rebuiltCount: number
}

const sights = new Map<string, Promise<Sight>>()

async function lookAtUndamaged(log: DamagedLog, stop: Stop): Promise<Sight> {
  const key = `${log} ${stop}`
  const sight = sights.get(key) ?? imageAfter(log, stop).then((image) => look(image, true))
  sights.set(key, sight)
  return sight
}

/** Opens the log and reads it in every way; damage may be refused, and nothing else. */
async function look(image: LogImage, isLookedUp: boolean): Promise<Sight> {
  const refused = { records: [], rebuiltCount: 0 }
  const log = await openLog(directory, { ...options, env: boot(image) }).catch(mustBeDamage)
  if (log === undefined) return { ...refused, outcome: 'refused at open' }
  const records = await readRecords(log).catch(mustBeDamage)
  if (records === undefined) return { ...refused, outcome: 'refused at read' }
  for (const record of isLookedUp ? someOf(records) : []) lookUp(log, record, records)
  return { outcome: 'read', records, rebuiltCount: log.recovery.rebuilt.length }
}

/** The record is found by its offset and by its time. */
function lookUp(log: Log, record: SeenRecord, records: readonly SeenRecord[]): void {
  assert.equal(log.get(record.offset)?.offset, record.offset)
  const due = records.find(({ timestamp }) => timestamp >= record.timestamp)
  const found = log.offsetForTimestamp(record.timestamp)
  assert.deepEqual(found, due && { offset: due.offset, timestamp: due.timestamp })
}

/** Looking up each of many would take most of the time. */
const lookUpCountMax = 24

function someOf(records: readonly SeenRecord[]): readonly SeenRecord[] {
  const step = Math.ceil(records.length / lookUpCountMax)
  return records.filter((_, index) => index % step === 0)
}

function mustBeDamage(error: unknown): undefined {
  if (!(error instanceof CorruptionError)) throw error
}

/** The records that both have are the same. */
function assertSameWhereBoth(some: readonly SeenRecord[], others: readonly SeenRecord[]): void {
  const byOffset = new Map(others.map((each) => [each.offset, each]))
  for (const record of some)
    if (byOffset.has(record.offset)) assert.deepEqual(record, byOffset.get(record.offset))
}

import { Batch, encodeBatch } from '../../src/log/public.ts'
import { OffsetIndex } from '../../src/log/offset-index.ts'
import { numbersFrom, randomValues } from '../payloads.ts'
import type { Contestant } from '../rounds.ts'
import { timed } from '../timing.ts'
import type { PreparedSuite, Suite } from '../suite.ts'

const recordCount = 500
/** As many as the index of a full segment of 1 GiB has. */
const entryCount = 262_144

/** The parts of the append and read paths that touch no file. */
export const batchSuite: Suite = {
  name: 'batch',
  about: `Batches of ${recordCount} records in memory, and a look-up in the offset index of a segment of 1 GiB.`,
  prepare: (): PreparedSuite => ({
    contestants: [...batches(100), ...batches(1024), ...withKeys(), lookup()],
    claims: [],
  }),
}

function batches(valueBytes: number): Contestant[] {
  const records = randomValues(recordCount, valueBytes).map((value) => ({ value }))
  return encodingAndDecoding(`${valueBytes} B`, records)
}

/** As applications have them: text for key and value, and a header. */
function withKeys(): Contestant[] {
  const records = randomValues(recordCount, 100).map((value, index) => ({
    key: `customer-${index}`,
    value: value.toString(),
    headers: { trace: value.toString('latin1', 0, 16) },
  }))
  return encodingAndDecoding('100 B text with key and header', records)
}

function encodingAndDecoding(label: string, records: Parameters<typeof encodeBatch>[0]): Contestant[] {
  const batch = new Batch(encodeBatch(records, { now: 0 }))
  return [
    timed(`encode ${label}`, 'records/s', recordCount, () => encodeBatch(records, { now: 0 })),
    timed(`decode ${label}`, 'records/s', recordCount, () => sumOfOffsets(batch)),
    timed(`decode ${label}, values too`, 'records/s', recordCount, () => sumOfSizes(batch)),
  ]
}

function sumOfOffsets(batch: Batch): number {
  let sum = 0
  for (const record of batch.records()) sum += record.offset
  return sum
}

function sumOfSizes(batch: Batch): number {
  let sum = 0
  for (const record of batch.records()) sum += record.value?.length ?? 0
  return sum
}

function lookup(): Contestant {
  const index = new OffsetIndex(0)
  for (let entry = 0; entry < entryCount; entry++) index.append(entry * 40 + 39, entry * 4096)
  const next = numbersFrom(1)
  return timed('offset index look-up', 'ops/s', 1, () => index.lookupPosition(next() % (entryCount * 40)))
}

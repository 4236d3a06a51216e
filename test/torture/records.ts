import type { LogRecord, RecordInput } from '../../src/log/public.ts'
import { seededRandom } from '../../src/testing/seeded-random.ts'

/** Which record it is: the how manieth, from 0, of which life of the writer. */
export interface Identity {
  readonly life: number
  readonly index: number
}

/** Most records of one append. */
export const recordsPerAppendMax = 4

/** Largest value. So an append of four, and what the format adds, fits the smallest segment. */
const valueBytesMax = 12 * 1024
const firstTimestamp = 1_700_000_000_000

/**
 * The record that a writer with `seed` makes as number `index` of its `life`: mostly small, now and then of many
 * blocks, sometimes without a value. All of it follows from the arguments, so that whoever reads it can check it.
 */
export function recordFor(seed: number, { life, index }: Identity): Required<RecordInput> {
  const random = seededRandom((seed % 2 ** 20) * 2 ** 32 + life * 2 ** 24 + index)
  const size = random.pick([16, 64, 200, 200, 1000, valueBytesMax])
  return {
    key: `${life}:${index}`,
    value: random.int(20) === 0 ? null : random.bytes(random.int(size + 1)),
    headers: random.int(4) === 0 ? { trace: random.bytes(8) } : {},
    timestamp: firstTimestamp + index,
  }
}

/** Which record this is; undefined when a writer with `seed` never made one like it. */
export function identify(record: LogRecord, seed: number): Identity | undefined {
  const [, life, index] = /^(\d{1,3}):(\d{1,8})$/.exec(String(record.key)) ?? []
  if (life === undefined || index === undefined) return undefined
  const identity = { life: Number(life), index: Number(index) }
  return isSame(record, recordFor(seed, identity)) ? identity : undefined
}

function isSame(record: LogRecord, expected: Required<RecordInput>): boolean {
  const names = Object.entries(expected.headers ?? {})
  return (
    record.timestamp === expected.timestamp &&
    isSameBytes(record.value, expected.value) &&
    record.headerList.length === names.length &&
    names.every(([name, bytes]) => isSameBytes(record.headers[name], bytes))
  )
}

function isSameBytes(bytes: Buffer | null | undefined, expected: RecordInput['value']): boolean {
  if (!(bytes instanceof Uint8Array) || !(expected instanceof Uint8Array)) return bytes === expected
  return bytes.equals(expected)
}

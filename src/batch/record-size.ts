import { recordBatchOverhead } from './format.ts'
import { headerPairs, measureBytes, type RecordInput, utf8Size } from './record-input.ts'

/** Length, attributes, timestamp delta, offset delta, sizes of key and value and the count of headers, each as long as it can be. */
const recordOverheadMax = 5 + 1 + 10 + 5 + 5 + 5 + 5
/** Sizes of a header's name and value. */
const headerOverheadMax = 5 + 5

/**
 * Bytes that this record takes at most in a batch before compression, its length included.
 *
 * @throws TypeError naming the field of `record` that is not what it should be
 */
export function recordSizeBound({ key, value, headers }: RecordInput): number {
  let bound = recordOverheadMax + bytesOf(key, 'key') + bytesOf(value, 'value')
  for (const [name, headerValue] of headerPairs(headers, 0))
    bound += headerOverheadMax + utf8Size(name) + bytesOf(headerValue, 'headers')
  return bound
}

/** As {@link recordSizeBound}, for a batch of this record alone, its header included. */
export function sizeBound(record: RecordInput): number {
  return recordBatchOverhead + recordSizeBound(record)
}

function bytesOf(part: RecordInput['value'], field: string): number {
  return Math.max(0, measureBytes(part, 0, field))
}

import { recordBatchOverhead } from './format.ts'
import { headerPairs, measureBytes, type RecordInput, utf8Size } from './record-input.ts'

/** Length, attributes, timestamp delta, offset delta, sizes of key and value and the count of headers, each as long as it can be. */
const recordOverheadMax = 5 + 1 + 10 + 5 + 5 + 5 + 5
/** Sizes of a header's name and value. */
const headerOverheadMax = 5 + 5

/**
 * Bytes that a batch of this record alone takes at most before compression, its header included.
 *
 * @throws TypeError naming the field of `record` that is not what it should be
 */
export function sizeBound({ key, value, headers }: RecordInput): number {
  const fieldsBytes = Math.max(0, measureBytes(key, 0, 'key')) + Math.max(0, measureBytes(value, 0, 'value'))
  let bound = recordBatchOverhead + recordOverheadMax + fieldsBytes
  for (const [name, headerValue] of headerPairs(headers, 0))
    bound += headerOverheadMax + utf8Size(name) + Math.max(0, measureBytes(headerValue, 0, 'headers'))
  return bound
}

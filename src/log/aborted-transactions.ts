import type { SegmentList } from './segment-list.ts'
import type { AbortedTransaction } from './transaction-index.ts'

/** The aborted transactions with records in `[fromOffset, toOffset)`, in the order of their markers. */
export function collectAborted(
  segments: SegmentList,
  fromOffset: number,
  toOffset: number,
): AbortedTransaction[] {
  const found: AbortedTransaction[] = []
  for (let index = segments.floorIndex(fromOffset); index < segments.count; index++) {
    const { entries, complete } = segments.at(index).indexes().transactions.collect(fromOffset, toOffset)
    found.push(...entries)
    if (complete) break
  }
  return found
}

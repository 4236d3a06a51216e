import type { LogState } from './log-state.ts'
import { producerBatchOf } from './producer-batch.ts'
import type { SegmentStorage } from './segment-storage.ts'
import { walkHeaders, wholeBatch } from './walk.ts'

/**
 * Makes the producer table what it was at the end of the log, after that has moved back: from the newest snapshot
 * at the base of a segment, or from the beginning, by the headers of the batches that follow.
 */
export function rebuildProducers({ segments, producers }: LogState, storage: SegmentStorage): void {
  producers.clear()
  let index = segments.count
  while (index-- > 0) {
    const table = storage.producersAt(segments.at(index).baseOffset)
    if (table === undefined) continue
    producers.load(table.entries())
    break
  }
  for (index = Math.max(index, 0); index < segments.count; index++) {
    const segment = segments.at(index)
    const file = segment.file()
    walkHeaders(file, segment.startPosition, segment.sizeBytes, (header, position) => {
      if (!header.hasProducerId) return false
      producers.apply(producerBatchOf(header.isControl ? wholeBatch(file, header, position) : header))
      return false
    })
  }
}

import { incrementSequence } from '../batch/format.ts'
import type { LogState } from './log-state.ts'
import { batchCountMax, type ProducedBatch, producedBatch, type ProducerBatch } from './producer-table.ts'
import { walkHeaders } from './walk.ts'

/** How many records are looked back over, fewer first: what is in flight was mostly appended a moment ago. */
const spans = [2 ** 12, 2 ** 16, 2 ** 20] as const

/**
 * Completes what is known of the producer of `batch` by what the log holds of it, if that may tell whether the batch is
 * a duplicate. A snapshot has only the last batch of each producer, so that after a restart those before it, which may
 * still be in flight, would be taken for out of order; their producer would then send them anew under another epoch.
 *
 * @returns whether more is known now
 * @throws CorruptionError, StorageError
 */
export function recallBatches({ segments, producers }: LogState, batch: ProducerBatch): boolean {
  const { producerId, producerEpoch } = batch
  const entry = producers.get(producerId)
  const [first] = entry?.batches ?? []
  if (entry === undefined || first === undefined || entry.producerEpoch !== producerEpoch) return false
  if (entry.batches.length >= batchCountMax || producers.isRecalled(producerId)) return false
  const isOfProducer = (found: ProducerBatch): boolean =>
    found.producerId === producerId && found.producerEpoch === producerEpoch && !found.isControl
  let earlier: ProducedBatch[] = []
  for (const span of spans) {
    const startOffset = first.firstOffset - span
    earlier = contiguous(batchesBetween(segments, startOffset, first.firstOffset, isOfProducer), first)
    if (earlier.length + entry.batches.length >= batchCountMax || startOffset <= segments.first.baseOffset)
      break
  }
  producers.recall(producerId, earlier)
  return earlier.length > 0
}

/** The batches within `[startOffset, endOffset)` that are `wanted`, by their headers. */
function batchesBetween(
  segments: LogState['segments'],
  startOffset: number,
  endOffset: number,
  isWanted: (batch: ProducerBatch) => boolean,
): ProducedBatch[] {
  const found: ProducedBatch[] = []
  for (let index = segments.floorIndex(startOffset); index < segments.count; index++) {
    const segment = segments.at(index)
    if (segment.baseOffset >= endOffset) break
    const start =
      startOffset <= segment.baseOffset ? segment.startPosition : segment.locate(startOffset)?.position
    walkHeaders(segment.file(), start ?? segment.sizeBytes, segment.sizeBytes, (header) => {
      if (header.lastOffset >= endOffset) return true
      if (header.hasProducerId && isWanted(header)) found.push(producedBatch(header))
      return false
    })
  }
  return found
}

/** Of `batches` the last ones that lead up to `next` without a gap in their sequences. */
function contiguous(batches: readonly ProducedBatch[], next: ProducedBatch): ProducedBatch[] {
  const end = batches.findLastIndex(
    ({ lastSequence }, index) =>
      incrementSequence(lastSequence, 1) !== (batches[index + 1] ?? next).firstSequence,
  )
  return batches.slice(end + 1)
}

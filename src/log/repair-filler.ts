import { assembleBatch } from '../batch/batch-header.ts'
import { noProducerEpoch, noProducerId, noSequence, noTimestamp } from '../batch/format.ts'
import type { LeaderEpochs } from './leader-epochs.ts'
import type { OffsetRange } from './repair-report.ts'

/** A segment holds at most so many offsets: they are kept relative to its base, as int32. */
export const segmentSpanMax = 2 ** 31

/**
 * Batches that stand for the offsets of `range`, whose records are lost, so that the log has no hole: headers without
 * records, such as compaction leaves behind. A batch has one leader epoch, so there is one where each epoch begins.
 *
 * @param range at most {@link segmentSpanMax} offsets
 * @param timestamp for retention and rolling: that of the batch before, or -1
 */
export function fillerBatches(range: OffsetRange, epochs: LeaderEpochs, timestamp: number): Buffer {
  const batches = [...piecesByEpoch(range, epochs)].map(({ fromOffset, toOffset }) =>
    assembleBatch(
      {
        baseOffset: fromOffset,
        partitionLeaderEpoch: epochs.epochFor(fromOffset),
        compression: 'none',
        timestampType: 'CreateTime',
        isTransactional: false,
        isControl: false,
        hasDeleteHorizon: false,
        lastOffsetDelta: toOffset - fromOffset - 1,
        baseTimestamp: noTimestamp,
        maxTimestamp: timestamp,
        producerId: noProducerId,
        producerEpoch: noProducerEpoch,
        baseSequence: noSequence,
        recordsCount: 0,
      },
      Buffer.alloc(0),
    ),
  )
  return Buffer.concat(batches)
}

function* piecesByEpoch({ fromOffset, toOffset }: OffsetRange, epochs: LeaderEpochs): Generator<OffsetRange> {
  let start = fromOffset
  for (const { startOffset } of epochs.entries) {
    if (startOffset <= start || startOffset >= toOffset) continue
    yield { fromOffset: start, toOffset: startOffset }
    start = startOffset
  }
  if (start < toOffset) yield { fromOffset: start, toOffset }
}

/** `range` in pieces of which each fits one segment that begins with it. */
export function* piecesBySegment({ fromOffset, toOffset }: OffsetRange): Generator<OffsetRange> {
  for (let start = fromOffset; start < toOffset; start += segmentSpanMax)
    yield { fromOffset: start, toOffset: Math.min(start + segmentSpanMax, toOffset) }
}

import type { Batch } from '../batch/batch.ts'
import { readControlRecord } from '../batch/control-record.ts'
import type { ProducerBatch } from './producer-table.ts'

/** What the producer table looks at in `batch`, whose bytes must all be there if it is a control batch. */
export function producerBatchOf(batch: Batch): ProducerBatch {
  if (!batch.isControl) return batch
  const { producerId, producerEpoch, baseSequence, lastSequence, baseOffset, lastOffset } = batch
  const { maxTimestamp, isTransactional, isControl } = batch
  const common = {
    producerId,
    producerEpoch,
    baseSequence,
    lastSequence,
    baseOffset,
    lastOffset,
    maxTimestamp,
    isTransactional,
    isControl,
  }
  for (const record of batch.records()) {
    const control = readControlRecord(record)
    return 'coordinatorEpoch' in control
      ? { ...common, controlType: control.type, coordinatorEpoch: control.coordinatorEpoch }
      : { ...common, controlType: control.type }
  }
  // A marker whose record compaction removed says nothing any more.
  return common
}

import { encodeBatch } from '../../src/batch/encode-batch.ts'
import { encodeEndTransactionMarker } from '../../src/batch/control-record.ts'
import type { LogRecord } from '../../src/batch/log-record.ts'
import type { RecordInput } from '../../src/batch/record-input.ts'
import type { Log } from '../../src/log/log.ts'
import type { AppendResult } from '../../src/log/log-writer.ts'
import type { BatchPlan } from './log-operation.ts'
import type { ModelBatch, ModelLog, ModelRecord } from './model-log.ts'

/**
 * The batch that `plan` stands for at the end of `model`: its producer goes on where it stopped. `logAppendTimeMs` is
 * the timestamp of every record where the log sets it.
 */
export function batchOf(plan: BatchPlan, model: ModelLog, logAppendTimeMs: number | undefined): ModelBatch {
  const { producerId, isTransactional = false, marker } = plan
  const records =
    logAppendTimeMs === undefined
      ? plan.records
      : plan.records.map((record) => ({ ...record, timestamp: logAppendTimeMs }))
  if (producerId === undefined) return { records }
  const known = model.producers().get(producerId)
  const bump = plan.bumpsEpoch === true && known !== undefined ? 1 : 0
  const last = bump === 1 ? undefined : known?.batches.at(-1)
  const sequence = last === undefined ? 0 : (last.producer?.sequence ?? 0) + last.records.length
  const producer = {
    id: producerId,
    epoch: (known?.epoch ?? 0) + bump,
    sequence: marker === undefined ? sequence : -1,
  }
  return { records, producer, isTransactional, ...(marker && { marker }) }
}

/** Appends `batch`, in the way that `plan` says. */
export function submitBatch(
  log: Log,
  batch: ModelBatch,
  plan: BatchPlan,
  nowMs: number,
): Promise<AppendResult> {
  const { producer, marker, isTransactional = false } = batch
  const { compression } = plan
  if (producer && marker !== undefined) {
    const { id: producerId, epoch: producerEpoch } = producer
    const ended = { type: marker, coordinatorEpoch: 0, producerId, producerEpoch, timestampMs: nowMs }
    return log.appendBatch(encodeEndTransactionMarker(ended))
  }
  const inputs = batch.records.map(inputOf)
  if (!plan.encoded && !isTransactional)
    return log.append(inputs, { compression, ...(producer && { producer }) })
  const sender = producer && {
    producerId: producer.id,
    producerEpoch: producer.epoch,
    baseSequence: producer.sequence,
  }
  return log.appendBatch(encodeBatch(inputs, { now: nowMs, compression, isTransactional, ...sender }))
}

function inputOf({ key, value, headers, timestamp }: ModelRecord): RecordInput {
  return { key, value, headers, timestamp }
}

/** What was read, in the model's terms. */
export function modelOf(record: LogRecord): ModelRecord & { readonly offset: number } {
  const { offset, timestamp, key, value, headerList } = record
  return {
    key: textOf(key),
    value: textOf(value),
    headers: headerList.map((each) => [each.key, textOf(each.value)] as const),
    timestamp,
    offset,
  }
}

function textOf(bytes: Buffer | null): string | null {
  return bytes && bytes.toString()
}

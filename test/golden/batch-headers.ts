import type { ProducerBatch } from '../../src/log/producer-table.ts'

/** What the files beside a `.log` are made from: the header of a batch, and of a marker its one record. */
export interface BatchHeader extends ProducerBatch {
  readonly position: number
  readonly sizeBytes: number
  readonly partitionLeaderEpoch: number
}

/**
 * Reads the headers of a `.log` by the bare byte positions of the format, on purpose without the code of the
 * product: what is rebuilt from these must not agree with Kafka's files by sharing a mistake.
 */
export function readBatchHeaders(log: Buffer): BatchHeader[] {
  const headers: BatchHeader[] = []
  for (let position = 0; position < log.length; ) {
    const header = readBatchHeader(log, position)
    headers.push(header)
    position += header.sizeBytes
  }
  return headers
}

function readBatchHeader(log: Buffer, position: number): BatchHeader {
  const int64 = (at: number) => Number(log.readBigInt64BE(position + at))
  const attributes = log.readInt16BE(position + 21)
  const lastOffsetDelta = log.readInt32BE(position + 23)
  const baseSequence = log.readInt32BE(position + 53)
  const isControl = (attributes & 0x20) !== 0
  return {
    position,
    sizeBytes: log.readInt32BE(position + 8) + 12,
    partitionLeaderEpoch: log.readInt32BE(position + 12),
    baseOffset: int64(0),
    lastOffset: int64(0) + lastOffsetDelta,
    maxTimestamp: int64(35),
    producerId: int64(43),
    producerEpoch: log.readInt16BE(position + 51),
    baseSequence,
    lastSequence: baseSequence < 0 ? -1 : baseSequence + lastOffsetDelta,
    isTransactional: (attributes & 0x10) !== 0,
    isControl,
    ...(isControl ? readMarker(log, position + 61) : {}),
  }
}

/** The one record of a transaction marker: all its varints are one byte long, so its fields have fixed places. */
function readMarker(log: Buffer, record: number): { controlType: string; coordinatorEpoch: number } {
  const controlType = log.readInt16BE(record + 7) === 0 ? 'ABORT' : 'COMMIT'
  return { controlType, coordinatorEpoch: log.readInt32BE(record + 12) }
}

import { RecordTooLargeError } from '../base/errors.ts'
import { assembleBatch } from './batch-header.ts'
import type { CompressionName } from './compression.ts'
import {
  noPartitionLeaderEpoch,
  noProducerEpoch,
  noProducerId,
  noSequence,
  type TimestampType,
} from './format.ts'
import type { RecordInput } from './record-input.ts'
import { RecordWriter } from './record-writer.ts'

/** How a batch is encoded. */
export interface EncodeOptions {
  /** Timestamp for records that have none, in milliseconds since 1970. */
  readonly now: number
  /** Offset of the first record. Default 0: a producer does not know it. */
  readonly baseOffset?: number
  /** Default -1: a producer does not know it. */
  readonly partitionLeaderEpoch?: number
  /** Default `none`. */
  readonly compression?: CompressionName
  /** On the codec's own scale. Default: the codec's. */
  readonly compressionLevel?: number
  /** Default `CreateTime`. */
  readonly timestampType?: TimestampType
  /** The timestamp of every record under `LogAppendTime`. Default `now`. */
  readonly logAppendTimeMs?: number
  /** Default -1, no idempotent producer, and so the next two. */
  readonly producerId?: number
  readonly producerEpoch?: number
  readonly baseSequence?: number
  /** Default false. */
  readonly isTransactional?: boolean
  /** Default false. A control batch holds one control record. */
  readonly isControl?: boolean
  /** Time from which compaction may drop the batch's tombstones. Default: not set. */
  readonly deleteHorizonMs?: number
  /**
   * Most bytes that the batch may take, header included: {@link encodeBatch} holds the finished batch against it,
   * {@link BatchBuilder} the batch before compression. Default: the 2 GiB of the format.
   */
  readonly maxBytes?: number
}

/**
 * Encodes records into one batch (magic 2).
 *
 * @throws TypeError naming the field of a record that is not what it should be
 * @throws RangeError when there is no record, or an option does not fit its field
 * @throws RecordTooLargeError when the batch takes more than `maxBytes`
 * @throws CodecUnavailableError when this runtime cannot write the compression
 */
export function encodeBatch(records: readonly RecordInput[], options: EncodeOptions): Buffer {
  const writer = new RecordWriter(options.deleteHorizonMs)
  try {
    for (const record of records) writer.append(record, options.now, Number.POSITIVE_INFINITY)
    const batch = sealBatch(writer, options)
    const { maxBytes } = options
    if (maxBytes !== undefined && batch.length > maxBytes)
      throw new RecordTooLargeError(batch.length, maxBytes)
    return batch
  } finally {
    writer.release()
  }
}

/** Collects records into one batch up to a size, for those who do not have them all at once. Makes one batch. */
export class BatchBuilder {
  readonly #options: EncodeOptions
  readonly #maxBytes: number
  readonly #writer: RecordWriter
  #isBuilt = false

  constructor(options: EncodeOptions) {
    this.#options = options
    this.#maxBytes = options.maxBytes ?? Number.POSITIVE_INFINITY
    this.#writer = new RecordWriter(options.deleteHorizonMs)
  }

  /** Bytes of the batch, header included: exactly those it will take, or takes before compression. */
  get sizeBytes(): number {
    return this.#writer.sizeBytes
  }

  /** Records so far. */
  get count(): number {
    return this.#writer.count
  }

  get isEmpty(): boolean {
    return this.#writer.count === 0
  }

  /**
   * Adds a record, unless the batch would then take more than `maxBytes` before compression: false leaves the batch
   * as it was. An empty builder that says false never will take the record.
   *
   * @throws TypeError naming the field of the record that is not what it should be
   */
  tryAppend(record: RecordInput): boolean {
    this.#refuseBuilt()
    return this.#writer.append(record, this.#options.now, this.#maxBytes)
  }

  /**
   * Encodes the batch and ends the builder.
   *
   * @throws RangeError when there is no record, or an option does not fit its field
   */
  build(): Buffer {
    this.#refuseBuilt()
    const batch = sealBatch(this.#writer, this.#options)
    this.#isBuilt = true
    this.#writer.release()
    return batch
  }

  #refuseBuilt(): void {
    if (this.#isBuilt) throw new TypeError('this BatchBuilder has built its batch: make a new one')
  }
}

/**
 * The batch of the records that `writer` has, which stays as it is. `maxBytes` is not looked at.
 *
 * @throws RangeError when there is no record, or an option does not fit its field
 * @throws CodecUnavailableError when this runtime cannot write the compression
 */
export function sealBatch(writer: RecordWriter, options: EncodeOptions): Buffer {
  if (writer.count === 0) throw new RangeError('a batch needs at least one record')
  const timestampType = options.timestampType ?? 'CreateTime'
  const maxTimestamp =
    timestampType === 'CreateTime' ? writer.maxTimestamp : (options.logAppendTimeMs ?? options.now)
  const header = {
    baseOffset: options.baseOffset ?? 0,
    partitionLeaderEpoch: options.partitionLeaderEpoch ?? noPartitionLeaderEpoch,
    compression: options.compression ?? 'none',
    timestampType,
    isTransactional: options.isTransactional ?? false,
    isControl: options.isControl ?? false,
    hasDeleteHorizon: options.deleteHorizonMs !== undefined,
    lastOffsetDelta: writer.count - 1,
    baseTimestamp: writer.baseTimestamp,
    maxTimestamp,
    producerId: options.producerId ?? noProducerId,
    producerEpoch: options.producerEpoch ?? noProducerEpoch,
    baseSequence: options.baseSequence ?? noSequence,
    recordsCount: writer.count,
  }
  return assembleBatch(header, writer.records, options.compressionLevel)
}

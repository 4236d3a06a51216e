import { assert } from '../../base/assert.ts'
import { Batch } from '../../batch/batch.ts'
import type { CompressionName } from '../../batch/compression.ts'
import type { LogRecord } from '../../batch/log-record.ts'
import { sealBatch } from '../../batch/encode-batch.ts'
import { type ProducerStamp, patchProducer } from '../../batch/patch.ts'
import { RecordWriter } from '../../batch/record-writer.ts'
import type { WindowedBatch } from './idempotence.ts'
import type { PendingRecord } from './pending-record.ts'
import type { RecordMetadata } from './producer-record.ts'
import type { Receipts } from './receipts.ts'

/** How batches are encoded. */
export interface BatchEncoding {
  readonly compression: CompressionName
  /** On the codec's own scale; `undefined` for its default. */
  readonly compressionLevel: number | undefined
}

/** Where a batch belongs, and since when there is one. */
export interface BatchBirth {
  readonly topic: string
  readonly partition: number
  /** By the monotonic clock. */
  readonly createdMs: number
  /** By when it must be settled. */
  readonly deadlineMs: number
}

/** Records for one partition: first they are collected, then sent, as often as it takes, then settled. */
export class ProducerBatch implements WindowedBatch {
  readonly birth: BatchBirth
  /** Bytes of the producer's memory that it holds. */
  reservedBytes = 0
  attempts = 0
  isInFlight = false
  retryAtMs = Number.NEGATIVE_INFINITY
  /** The promises of its records are settled. The broker may answer even so. */
  isSettled = false
  readonly #encoding: BatchEncoding
  readonly #receipts: Receipts
  #recordsCount = 0
  /** Gone once the batch is encoded. */
  #writer: RecordWriter | undefined = new RecordWriter()
  #stamp: ProducerStamp | undefined
  #bytes: Buffer | undefined

  constructor(birth: BatchBirth, encoding: BatchEncoding, receipts: Receipts) {
    this.birth = birth
    this.#encoding = encoding
    this.#receipts = receipts
  }

  get recordsCount(): number {
    return this.#recordsCount
  }

  /** Bytes that it takes; before it is encoded, those it takes without compression. */
  get sizeBytes(): number {
    return this.#bytes?.length ?? this.#writer?.sizeBytes ?? 0
  }

  /**
   * Adds a record, unless the batch would then take more than `maxBytes` before compression. Returns what its sender waits for.
   *
   * @throws TypeError naming the field of the record that is not what it should be
   */
  tryAppend(record: PendingRecord, maxBytes: number): Promise<RecordMetadata> | undefined {
    if (this.#writer?.append(record, record.timestamp, maxBytes) !== true) return undefined
    record.partition = this.birth.partition
    this.#recordsCount++
    return this.#receipts.join(record.timestamp)
  }

  stamp(stamp: ProducerStamp): void {
    this.#stamp = stamp
    if (this.#bytes !== undefined) patchProducer(new Batch(this.#bytes), stamp)
  }

  /** The encoded batch. Nothing can be appended after this. */
  encode(): Buffer {
    this.#bytes ??= this.#seal()
    return this.#bytes
  }

  /**
   * Two batches with half of the records each, in their order; this one must not be used any more. The senders are told
   * when both are settled.
   */
  split(): [ProducerBatch, ProducerBatch] {
    assert(this.recordsCount > 1, 'a batch of one record cannot be split')
    const middle = this.recordsCount >> 1
    const [ofFirst, ofSecond] = this.#receipts.split(middle)
    const first = new ProducerBatch(this.birth, this.#encoding, ofFirst)
    const second = new ProducerBatch(this.birth, this.#encoding, ofSecond)
    for (const record of new Batch(this.encode()).records())
      (first.recordsCount < middle ? first : second).#copy(record)
    return [first, second]
  }

  /** The broker has the records from `baseOffset` on; -1 when it is not known. A `timestamp` that is not -1 is that of all of them. */
  acknowledge(baseOffset: number, timestamp: number): void {
    this.isSettled = true
    this.#releaseWriter()
    const { topic, partition } = this.birth
    this.#receipts.settle((index, ownTimestamp) => ({
      topic,
      partition,
      offset: baseOffset < 0 ? baseOffset : baseOffset + index,
      timestamp: timestamp < 0 ? ownTimestamp : timestamp,
    }))
  }

  /** The records have failed, each with its error. */
  fail(errorOf: (index: number) => unknown): void {
    this.isSettled = true
    this.#releaseWriter()
    this.#receipts.settle((index) => {
      throw errorOf(index)
    })
  }

  #seal(): Buffer {
    const writer = this.#writer
    assert(writer !== undefined, 'a batch is encoded once')
    try {
      return sealBatch(writer, { now: 0, ...this.#encodeOptions(), ...this.#stamp })
    } finally {
      this.#releaseWriter()
    }
  }

  #encodeOptions() {
    const { compression, compressionLevel } = this.#encoding
    return compressionLevel === undefined ? { compression } : { compression, compressionLevel }
  }

  #copy(record: LogRecord): void {
    this.#writer?.copy(record, this.#recordsCount++)
  }

  #releaseWriter(): void {
    this.#writer?.release()
    this.#writer = undefined
  }
}

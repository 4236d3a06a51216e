import { CorruptionError } from '../../base/errors.ts'
import type { Batch } from '../../batch/batch.ts'
import { iterateBatches } from '../../batch/iterate-batches.ts'
import type { LogRecord } from '../../batch/log-record.ts'
import { type AbortedTransaction, AbortedFilter } from './aborted-filter.ts'
import { ConsumedRecord, type RecordContext } from './consumed-record.ts'

/** One partition's part of an answer to Fetch, and how it is read. */
export interface FetchedSource<K, V> extends Omit<RecordContext<K, V>, 'leaderEpoch' | 'compression'> {
  readonly bytes: Buffer
  /** What was asked for. Batches are sent whole: the first may begin before it. */
  readonly fetchOffset: number
  /** Under `read_committed`, transactions that are not to be seen; else null. */
  readonly aborted: readonly AbortedTransaction[] | null
  readonly checkCrcs: boolean
  readonly maxDecompressedBytes: number
}

/** A batch that is being read. */
interface OpenBatch<K, V> {
  readonly records: Iterator<LogRecord>
  readonly context: RecordContext<K, V>
}

/**
 * The batches that one fetch brought of one partition. They are decoded some records at a time, one batch after the other, so
 * that no more than one is expanded in memory.
 */
export class FetchedRecords<K, V> {
  /** The offset to be fetched next. */
  readonly endOffset: number
  readonly endLeaderEpoch: number
  readonly #source: FetchedSource<K, V>
  readonly #filter: AbortedFilter | undefined
  readonly #batches: Iterator<Batch, undefined>
  #batch: OpenBatch<K, V> | undefined
  /** What stopped the last chunk: it is thrown where the next would begin. */
  #failure: { readonly error: unknown } | undefined

  /** @throws CorruptionError when not even the first batch is sound */
  constructor(source: FetchedSource<K, V>) {
    this.#source = source
    this.#filter = source.aborted === null ? undefined : new AbortedFilter(source.aborted)
    const last = this.#lastSoundBatch()
    const end = last?.endPosition ?? 0
    this.endOffset = last?.nextOffset ?? source.fetchOffset
    this.endLeaderEpoch = last?.partitionLeaderEpoch ?? -1
    this.#batches = iterateBatches(source.bytes, 0, end, { file: this.#name })
  }

  /** Bytes that are held. */
  get sizeBytes(): number {
    return this.#source.bytes.length
  }

  /** Whether there is no batch at all: an answer may be too short for the first one. */
  get isEmpty(): boolean {
    return this.endOffset === this.#source.fetchOffset
  }

  /**
   * The next `maxCount` records, or as many as there are; undefined when there are none left.
   *
   * @throws CorruptionError for a damaged batch, and CodecError, CodecUnavailableError, OutputTooLargeError for one that cannot be
   *   expanded; again at each call
   */
  nextChunk(maxCount: number): ConsumedRecord<K, V>[] | undefined {
    const records: ConsumedRecord<K, V>[] = []
    try {
      if (this.#failure !== undefined) throw this.#failure.error
      while (records.length < maxCount && this.#fill(records, maxCount));
    } catch (error) {
      this.#failure = { error }
      if (records.length === 0) throw error
    }
    return records.length === 0 ? undefined : records
  }

  /** Takes records of the current batch, or of the next. False when there is no batch left. */
  #fill(records: ConsumedRecord<K, V>[], maxCount: number): boolean {
    this.#batch ??= this.#openNext()
    if (this.#batch === undefined) return false
    const { fetchOffset } = this.#source
    const { context, records: left } = this.#batch
    while (records.length < maxCount) {
      const next = left.next()
      if (next.done === true) {
        this.#batch = undefined
        return true
      }
      if (next.value.offset >= fetchOffset) records.push(new ConsumedRecord(next.value, context))
    }
    return true
  }

  /** The next batch with records to be seen. */
  #openNext(): OpenBatch<K, V> | undefined {
    for (let next = this.#batches.next(); next.done !== true; next = this.#batches.next()) {
      const batch = next.value
      this.#refuseDamaged(batch)
      const isVoid = this.#filter?.isVoid(batch) === true
      if (isVoid || batch.isControl) continue
      const { maxDecompressedBytes } = this.#source
      const { partitionLeaderEpoch: leaderEpoch, compression } = batch
      const context = { ...this.#source, leaderEpoch, compression }
      return { records: batch.records({ file: this.#name, maxDecompressedBytes }), context }
    }
    return undefined
  }

  /**
   * The last batch that is whole and sound. It says where to fetch next; what lies behind a damaged one is fetched again, so that
   * the damage shows where reading comes to it, and not before.
   */
  #lastSoundBatch(): Batch | undefined {
    const batches = this.#wholeBatches()
    const last = batches.findLast((batch) => !this.#source.checkCrcs || batch.isValid())
    const [first] = batches
    if (last === undefined && first !== undefined) this.#refuseDamaged(first)
    return last
  }

  /** The batches in front of what is none. */
  #wholeBatches(): Batch[] {
    const batches: Batch[] = []
    const { bytes } = this.#source
    try {
      for (const batch of iterateBatches(bytes, 0, bytes.length, { file: this.#name })) batches.push(batch)
    } catch (error) {
      if (batches.length === 0) throw error
    }
    return batches
  }

  /** As Kafka writes it. */
  get #name(): string {
    return `${this.#source.topic}-${this.#source.partition}`
  }

  #refuseDamaged(batch: Batch): void {
    const fault = this.#source.checkCrcs ? batch.fault() : undefined
    if (fault === undefined) return
    const { fetchOffset } = this.#source
    throw new CorruptionError(
      this.#name,
      -1,
      `the batch at offset ${Math.max(batch.baseOffset, fetchOffset)} is damaged: ${fault}`,
      'To leave it out, seek past it',
    )
  }
}

import { CodecUnavailableError } from '../base/errors.ts'
import { Batch } from '../batch/batch.ts'
import { glanceAtRecords, type RecordGlance } from '../batch/record-glance.ts'
import { rewriteBatch, type RewriteOptions } from '../batch/rewrite.ts'
import type { CleanedTransactions } from './cleaned-transactions.ts'
import type { CleanerOffsetMap } from './cleaner-offset-map.ts'
import type { ProducerTable } from './producer-table.ts'
import type { AbortedTransaction } from './transaction-index.ts'

/** What one pass knows of the log it goes over. */
export interface CleaningPass {
  /** The last offset of each key from the first dirty offset up to `mappedTo`. */
  readonly map: CleanerOffsetMap
  /** Records from here on are kept whatever they are: no pass has mapped them yet. */
  readonly mappedTo: number
  readonly transactions: CleanedTransactions
  /** As they are now, at the end of the log. */
  readonly producers: Pick<ProducerTable, 'get'>
  readonly nowMs: number
  readonly deleteRetentionMs: number
  readonly maxDecompressedBytes: number
}

/** What is left of a batch. */
export interface CleanedBatch {
  /** Undefined when nothing is. */
  readonly bytes: Buffer | undefined
  /** To be entered in the transaction index of the cleaned segment. */
  readonly aborted: AbortedTransaction | undefined
}

/** What a pass has done so far. */
export interface CleaningCounts {
  recordsKept: number
  recordsDropped: number
  /** Of those dropped: the last ones of their keys, whose delete horizon had passed. */
  tombstonesDropped: number
  /** The earliest time from which a batch that was kept may lose its tombstones or its marker; Infinity for never. */
  earliestDeleteHorizonMs: number
}

/** Which records of a batch stay: by their places in it, their count, and whether one of them is a tombstone. */
interface KeptRecords {
  readonly places: readonly boolean[]
  readonly count: number
  readonly hasTombstone: boolean
}

const nothingKept: KeptRecords = { places: [], count: 0, hasTombstone: false }

/** Written instead of a codec that this runtime reads but cannot write: any Kafka reads it. */
const substituteCompression = 'lz4'

/**
 * Decides, record by record, what stays of the batches of a log, as Kafka's cleaner does. Batches come in the order
 * of the log, each once.
 *
 * - Of each key only the last record that was mapped; none without a key.
 * - A tombstone, and a marker whose transaction has no data left, until its delete horizon: the pass that first
 *   keeps it sets that (KIP-534).
 * - Nothing of aborted transactions.
 * - The header at least of the last batch of a known producer, which holds its sequence.
 */
export class BatchCleaner {
  readonly counts: CleaningCounts = {
    recordsKept: 0,
    recordsDropped: 0,
    tombstonesDropped: 0,
    earliestDeleteHorizonMs: Number.POSITIVE_INFINITY,
  }
  readonly #pass: CleaningPass

  constructor(pass: CleaningPass) {
    this.#pass = pass
  }

  /** @param isLast whether the header is to be kept because it says how far its segment reaches */
  clean(batch: Batch, isLast: boolean): CleanedBatch {
    const retainEmpty = isLast || this.#isLastOfProducer(batch)
    if (batch.isControl) return this.#cleanMarker(batch, retainEmpty)
    const isAborted = this.#pass.transactions.isAborted(batch)
    const kept = isAborted ? nothingKept : this.#keptOf(batch)
    const isWhole = kept.count > 0 && kept.count === batch.recordsCount
    const isUntouched = isWhole && (!kept.hasTombstone || batch.hasDeleteHorizon)
    const bytes = isUntouched ? batch.bytes : this.#rewrite(batch, kept.places, retainEmpty, !isAborted)
    this.#count(batch, bytes && new Batch(bytes))
    return { bytes, aborted: undefined }
  }

  #cleanMarker(batch: Batch, retainEmpty: boolean): CleanedBatch {
    const { isEmpty, aborted } = this.#pass.transactions.judgeMarker(batch)
    const isDropped = isEmpty && batch.hasDeleteHorizon && this.#hasPassed(batch)
    const bytes = this.#rewrite(batch, isDropped ? [] : [true], retainEmpty, isEmpty)
    this.#noteHorizon(bytes && new Batch(bytes))
    return { bytes, aborted }
  }

  #hasPassed(batch: Batch): boolean {
    return batch.deleteHorizonMs <= this.#pass.nowMs
  }

  #isLastOfProducer(batch: Batch): boolean {
    if (!batch.hasProducerId) return false
    const producer = this.#pass.producers.get(batch.producerId)
    if (producer === undefined) return false
    const lastOffset = producer.batches.at(-1)?.lastOffset
    // One that has no data since its epoch began is known by the marker that began it.
    if (lastOffset === undefined) return batch.isControl && batch.producerEpoch === producer.producerEpoch
    return batch.lastOffset === lastOffset
  }

  #keptOf(batch: Batch): KeptRecords {
    const { maxDecompressedBytes, mappedTo } = this.#pass
    const keepsTombstones = !batch.hasDeleteHorizon || !this.#hasPassed(batch)
    const kept = { places: new Array<boolean>(), count: 0, hasTombstone: false }
    glanceAtRecords(batch, { maxDecompressedBytes }, (record) => {
      const isLast = this.#isLastOfKey(record)
      const isServed = isLast && record.isTombstone && !keepsTombstones && record.offset < mappedTo
      kept.places.push(isLast && !isServed)
      if (isServed) this.counts.tombstonesDropped++
      else if (isLast) {
        kept.count++
        kept.hasTombstone ||= record.isTombstone
      }
      return true
    })
    return kept
  }

  #isLastOfKey({ offset, bytes, keyPosition, keyEnd }: RecordGlance): boolean {
    const { map, mappedTo } = this.#pass
    return offset >= mappedTo || (keyEnd >= keyPosition && offset >= map.get(bytes, keyPosition, keyEnd))
  }

  #rewrite(
    batch: Batch,
    kept: readonly boolean[],
    retainEmpty: boolean,
    mayHaveHorizon: boolean,
  ): Buffer | undefined {
    const { nowMs, deleteRetentionMs, mappedTo, maxDecompressedBytes } = this.#pass
    if (batch.recordsCount === 0 && retainEmpty) return batch.bytes
    // Before a tombstone has been mapped, older records of its key may still be there.
    const setsHorizon = mayHaveHorizon && batch.lastOffset < mappedTo
    return rewriteWritable(batch, kept, {
      retainEmpty,
      maxDecompressedBytes,
      ...(setsHorizon && { deleteHorizonMs: nowMs + deleteRetentionMs }),
    })
  }

  #count({ recordsCount }: Batch, left: Batch | undefined): void {
    const keptCount = left?.recordsCount ?? 0
    this.counts.recordsKept += keptCount
    this.counts.recordsDropped += recordsCount - keptCount
    this.#noteHorizon(left)
  }

  #noteHorizon(left: Batch | undefined): void {
    if (left?.hasDeleteHorizon !== true) return
    const { earliestDeleteHorizonMs } = this.counts
    this.counts.earliestDeleteHorizonMs = Math.min(earliestDeleteHorizonMs, left.deleteHorizonMs)
  }
}

/** In another codec if this runtime cannot write that of the batch (zstd before Node 22.15). */
function rewriteWritable(
  batch: Batch,
  kept: readonly boolean[],
  options: RewriteOptions,
): Buffer | undefined {
  const rewrite = (more: RewriteOptions) => {
    let index = 0
    return rewriteBatch(batch, () => kept[index++] === true, { ...options, ...more })
  }
  try {
    return rewrite({})
  } catch (error) {
    if (!(error instanceof CodecUnavailableError)) throw error
    return rewrite({ compression: substituteCompression })
  }
}

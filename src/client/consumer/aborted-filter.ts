import type { Batch } from '../../batch/batch.ts'
import { readControlRecord } from '../../batch/control-record.ts'

/** A transaction that was aborted, as Fetch tells of it under `read_committed`. */
export interface AbortedTransaction {
  readonly producerId: number
  /** Offset of its first record, which may lie before what was fetched. */
  readonly firstOffset: number
}

/**
 * Knows which batches of an answer belong to transactions that were aborted (KIP-98). A broker sends the batches as they lie in
 * the log, markers included, and beside them the aborted transactions that touch the range: from the first offset of such a one on,
 * what its producer wrote is void, up to the producer's ABORT marker.
 */
export class AbortedFilter {
  /** By first offset, the smallest last. */
  readonly #toCome: AbortedTransaction[]
  readonly #voidProducers = new Set<number>()

  constructor(aborted: readonly AbortedTransaction[]) {
    this.#toCome = aborted.toSorted((a, b) => b.firstOffset - a.firstOffset)
  }

  /** Whether `batch` is void. To be asked of all batches, control batches included, in the order of their offsets. */
  isVoid(batch: Batch): boolean {
    if (!batch.isTransactional) return false
    this.#beginUpTo(batch.lastOffset)
    const { producerId } = batch
    if (!batch.isControl) return this.#voidProducers.has(producerId)
    // A marker whose transaction the broker does not name ends one that lies wholly before the fetched range: no matter.
    if (isAbortMarker(batch)) this.#voidProducers.delete(producerId)
    return false
  }

  #beginUpTo(offset: number): void {
    for (let next = this.#toCome.at(-1); next !== undefined; next = this.#toCome.at(-1)) {
      if (next.firstOffset > offset) return
      this.#voidProducers.add(next.producerId)
      this.#toCome.pop()
    }
  }
}

/** Compaction may have left nothing but the header of a control batch. */
function isAbortMarker(batch: Batch): boolean {
  const first = batch.records().next()
  return first.done !== true && readControlRecord(first.value).type === 'ABORT'
}

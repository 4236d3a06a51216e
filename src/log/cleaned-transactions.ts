import type { Batch } from '../batch/batch.ts'
import { readControlRecord } from '../batch/control-record.ts'
import type { AbortedTransaction } from './transaction-index.ts'

/** What a marker stands for once compaction has been over its transaction. */
export interface MarkerVerdict {
  /** No batch of the transaction was met: once readers have had their time the marker may go. */
  readonly isEmpty: boolean
  /** The entry that the transaction index of the cleaned segment still needs. */
  readonly aborted: AbortedTransaction | undefined
}

/**
 * Follows the transactions while the batches of a log go by in order, to tell data of aborted ones, which is dropped
 * at once, and markers of which no data is left (Kafka's CleanedTransactionMetadata).
 *
 * A marker stays for at least one pass longer than the last batch of its transaction: a reader that has seen the data
 * must also see how it ended.
 */
export class CleanedTransactions {
  /** Not reached yet, in the order of their first offsets. */
  readonly #ahead: readonly AbortedTransaction[]
  #reached = 0
  /** Aborted and open at this point of the log, by producer id, with whether a batch of it was met. */
  readonly #aborted = new Map<number, { readonly transaction: AbortedTransaction; hasData: boolean }>()
  /** Producers with data of a transaction that will be committed. */
  readonly #committed = new Set<number>()

  /** @param aborted the transactions with data or marker in what will go by, in any order */
  constructor(aborted: readonly AbortedTransaction[]) {
    this.#ahead = aborted.toSorted((one, other) => one.firstOffset - other.firstOffset)
  }

  /** Takes the next data batch in. Whether it belongs to a transaction that was aborted. */
  isAborted(batch: Batch): boolean {
    this.#reach(batch.lastOffset)
    if (!batch.isTransactional) return false
    const { producerId } = batch
    const aborted = this.#aborted.get(producerId)
    if (aborted === undefined) this.#committed.add(producerId)
    else aborted.hasData = true
    return aborted !== undefined
  }

  /** Takes the next control batch in. */
  judgeMarker(batch: Batch): MarkerVerdict {
    this.#reach(batch.lastOffset)
    const { producerId } = batch
    // One that an earlier pass has emptied says nothing any more.
    const [record] = batch.records()
    const type = record === undefined ? undefined : readControlRecord(record).type
    if (type === 'COMMIT') return { isEmpty: !this.#committed.delete(producerId), aborted: undefined }
    if (type !== 'ABORT') return { isEmpty: type === undefined, aborted: undefined }
    const ended = this.#aborted.get(producerId)
    this.#aborted.delete(producerId)
    if (ended?.hasData !== true) return { isEmpty: true, aborted: undefined }
    return { isEmpty: false, aborted: ended.transaction }
  }

  /** Transactions that have begun by `offset`. */
  #reach(offset: number): void {
    for (; this.#reached < this.#ahead.length; this.#reached++) {
      const transaction = this.#ahead[this.#reached] as AbortedTransaction
      if (transaction.firstOffset > offset) return
      // The marker may lie before what goes by, or an entry be there twice.
      if (transaction.lastOffset >= offset && !this.#aborted.has(transaction.producerId))
        this.#aborted.set(transaction.producerId, { transaction, hasData: false })
    }
  }
}

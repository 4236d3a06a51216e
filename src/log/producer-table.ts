import { assert } from '../base/assert.ts'
import { FencedEpochError, SequenceError, TransactionStateError } from '../base/errors.ts'
import { incrementSequence } from '../batch/format.ts'
import type { AbortedTransaction } from './transaction-index.ts'

/** How many of a producer's latest batches are known for duplicates: what it may have in flight (Kafka's constant). */
export const batchCountMax = 5

/** An appended batch, as far as a duplicate of it must be known and answered. */
export interface ProducedBatch {
  readonly firstSequence: number
  readonly lastSequence: number
  readonly firstOffset: number
  readonly lastOffset: number
  /** Its largest timestamp. */
  readonly timestamp: number
}

/** What is known of one idempotent or transactional producer. A change makes a new value. */
export interface ProducerEntry {
  readonly producerId: number
  readonly producerEpoch: number
  /** Epoch of the transaction coordinator that wrote the last marker, -1 before the first. */
  readonly coordinatorEpoch: number
  /** Timestamp of the last batch or marker. */
  readonly lastTimestamp: number
  /** First offset of the open transaction, -1 when none is open. */
  readonly currentTransactionFirstOffset: number
  /** The last batches of the current epoch, newest last, at most 5. */
  readonly batches: readonly ProducedBatch[]
}

/** What the table looks at in a batch; a data batch read as `Batch` has all of it. */
export interface ProducerBatch {
  /** -1 for a batch of no producer, which the table ignores. */
  readonly producerId: number
  readonly producerEpoch: number
  readonly baseSequence: number
  readonly lastSequence: number
  readonly baseOffset: number
  readonly lastOffset: number
  readonly maxTimestamp: number
  readonly isTransactional: boolean
  readonly isControl: boolean
  /** What a control batch says. Any other than these two, or none at all (a marker the cleaner emptied), is ignored. */
  readonly controlType?: string
  /** Of a transaction marker. */
  readonly coordinatorEpoch?: number
}

/**
 * The producers of one partition (Kafka's ProducerStateManager, KIP-98): which batches are duplicates or out of
 * order, and which transactions are open. Everything here is a function of the log, so it is rebuilt by replaying
 * batches through {@link apply}; snapshots only shorten that.
 */
export class ProducerTable {
  readonly #producers = new Map<number, ProducerEntry>()
  /** First offsets of the open transactions by producer id. They open in the log's order, so the first is the least. */
  #openTransactions = new Map<number, number>()
  /** While a write is under way: what each producer it touched was before. */
  #journal: Map<number, ProducerEntry | undefined> | undefined
  /** Producers of whose latest batches is known what the log can tell, also where that is fewer than 5. */
  readonly #recalled = new Set<number>()

  /** How many producers are known. */
  get size(): number {
    return this.#producers.size
  }

  /** First offset of the earliest open transaction. */
  get firstUnstableOffset(): number | undefined {
    return this.#openTransactions.values().next().value
  }

  get(producerId: number): ProducerEntry | undefined {
    return this.#producers.get(producerId)
  }

  /** All producers, in the order in which they were first seen. */
  entries(): IterableIterator<ProducerEntry> {
    return this.#producers.values()
  }

  /**
   * Decides about a batch that a leader is asked to append.
   *
   * @returns the earlier append of which this batch is a duplicate, to be answered in its place; `undefined` when
   * the batch is to be appended
   * @throws FencedEpochError when a newer epoch of the producer, or of its coordinator, has written here
   * @throws SequenceError when batches before it are missing
   * @throws TransactionStateError when it is not transactional and its producer's transaction is open
   */
  check(batch: ProducerBatch): ProducedBatch | undefined {
    const entry = this.#producers.get(batch.producerId)
    // Of a producer that is not known (any more) every sequence is accepted.
    if (entry === undefined) return undefined
    if (batch.isControl) return checkMarker(entry, batch)
    const duplicate = findDuplicate(entry, batch)
    if (duplicate !== undefined) return duplicate
    checkProducerEpoch(entry, batch)
    checkSequence(entry, batch)
    checkTransaction(entry, batch)
    return undefined
  }

  /**
   * Notes a batch that is in the log. Asks nothing: what the log holds has happened, also where {@link check}
   * would have refused it.
   *
   * @returns the entry for the transaction index when the batch aborts a transaction
   */
  apply(batch: ProducerBatch): AbortedTransaction | undefined {
    if (batch.producerId < 0) return undefined
    if (!batch.isControl) return this.#applyData(batch)
    const isEnd = batch.controlType === 'ABORT' || batch.controlType === 'COMMIT'
    return isEnd ? this.#applyMarker(batch) : undefined
  }

  /** Whether {@link recall} was called for the producer, and nothing has undone it. */
  isRecalled(producerId: number): boolean {
    return this.#recalled.has(producerId)
  }

  /** Notes batches in the log of the producer's epoch that come before those that are known, as a snapshot does not tell. */
  recall(producerId: number, earlier: readonly ProducedBatch[]): void {
    const entry = this.#producers.get(producerId)
    assert(entry !== undefined, 'only a producer that is known is recalled')
    this.#recalled.add(producerId)
    this.#set({ ...entry, batches: [...earlier, ...entry.batches].slice(-batchCountMax) })
  }

  /** Starts to note what {@link apply} changes, until {@link commit} or {@link rollback}. */
  begin(): void {
    assert(this.#journal === undefined, 'one write at a time')
    this.#journal = new Map()
  }

  /** What was applied since {@link begin} stays. */
  commit(): void {
    assert(this.#journal !== undefined, 'a commit follows a begin')
    this.#journal = undefined
  }

  /** Undoes everything applied since {@link begin}: the write failed, so nothing of it is in the log. */
  rollback(): void {
    assert(this.#journal !== undefined, 'a rollback follows a begin')
    for (const [producerId, before] of this.#journal) {
      this.#recalled.delete(producerId)
      if (before === undefined) this.#producers.delete(producerId)
      else this.#producers.set(producerId, before)
    }
    this.#journal = undefined
    this.#collectOpenTransactions()
  }

  /**
   * Forgets the producers that have no open transaction and wrote last at least `expirationMs` before `nowMs`
   * (Kafka's `producer.id.expiration.ms`).
   *
   * @returns how many
   */
  expire(nowMs: number, expirationMs: number): number {
    assert(this.#journal === undefined, 'nothing expires while a write is under way')
    const before = this.size
    for (const { producerId, lastTimestamp, currentTransactionFirstOffset } of this.#producers.values()) {
      const isOpen = currentTransactionFirstOffset >= 0
      if (isOpen || nowMs - lastTimestamp < expirationMs) continue
      this.#producers.delete(producerId)
      this.#recalled.delete(producerId)
    }
    return before - this.size
  }

  /** Forgets everything. */
  clear(): void {
    this.load([])
  }

  /** Replaces everything by what a snapshot holds. */
  load(entries: Iterable<ProducerEntry>): void {
    assert(this.#journal === undefined, 'nothing is loaded while a write is under way')
    // Taken first: they may come from this very table.
    const loaded = [...entries]
    this.#producers.clear()
    this.#recalled.clear()
    for (const entry of loaded) this.#producers.set(entry.producerId, entry)
    this.#collectOpenTransactions()
  }

  #applyData(batch: ProducerBatch): undefined {
    const entry = this.#producers.get(batch.producerId)
    let firstOffset = entry?.currentTransactionFirstOffset ?? -1
    if (batch.isTransactional && firstOffset < 0) {
      firstOffset = batch.baseOffset
      this.#openTransactions.set(batch.producerId, firstOffset)
    }
    this.#set({
      producerId: batch.producerId,
      producerEpoch: batch.producerEpoch,
      coordinatorEpoch: entry?.coordinatorEpoch ?? -1,
      lastTimestamp: batch.maxTimestamp,
      currentTransactionFirstOffset: firstOffset,
      batches: [...batchesOfEpoch(entry, batch.producerEpoch).slice(1 - batchCountMax), producedBatch(batch)],
    })
  }

  #applyMarker(batch: ProducerBatch): AbortedTransaction | undefined {
    const { producerId, producerEpoch } = batch
    const entry = this.#producers.get(producerId)
    this.#openTransactions.delete(producerId)
    this.#set({
      producerId,
      producerEpoch,
      coordinatorEpoch: batch.coordinatorEpoch ?? -1,
      lastTimestamp: batch.maxTimestamp,
      currentTransactionFirstOffset: -1,
      batches: batchesOfEpoch(entry, producerEpoch),
    })
    const firstOffset = entry?.currentTransactionFirstOffset ?? -1
    // The marker of a transaction that wrote nothing here moves no last stable offset and needs no entry.
    if (batch.controlType !== 'ABORT' || firstOffset < 0) return undefined
    const lastStableOffset = this.firstUnstableOffset ?? batch.lastOffset + 1
    return { producerId, firstOffset, lastOffset: batch.lastOffset, lastStableOffset }
  }

  #set(entry: ProducerEntry): void {
    const { producerId } = entry
    if (this.#journal !== undefined && !this.#journal.has(producerId)) {
      this.#journal.set(producerId, this.#producers.get(producerId))
    }
    this.#producers.set(producerId, entry)
  }

  #collectOpenTransactions(): void {
    const open = [...this.#producers.values()]
      .filter((entry) => entry.currentTransactionFirstOffset >= 0)
      .toSorted((one, other) => one.currentTransactionFirstOffset - other.currentTransactionFirstOffset)
    this.#openTransactions = new Map(
      open.map((entry) => [entry.producerId, entry.currentTransactionFirstOffset]),
    )
  }
}

/** A new epoch starts its sequences anew, so the batches of an older one say nothing about it. */
function batchesOfEpoch(entry: ProducerEntry | undefined, producerEpoch: number): readonly ProducedBatch[] {
  return entry?.producerEpoch === producerEpoch ? entry.batches : []
}

/** What is kept of a batch of data. */
export function producedBatch(batch: ProducerBatch): ProducedBatch {
  return {
    firstSequence: batch.baseSequence,
    lastSequence: batch.lastSequence,
    firstOffset: batch.baseOffset,
    lastOffset: batch.lastOffset,
    timestamp: batch.maxTimestamp,
  }
}

function findDuplicate(entry: ProducerEntry, batch: ProducerBatch): ProducedBatch | undefined {
  return batchesOfEpoch(entry, batch.producerEpoch).find(
    (known) => known.firstSequence === batch.baseSequence && known.lastSequence === batch.lastSequence,
  )
}

function checkProducerEpoch(entry: ProducerEntry, batch: ProducerBatch): void {
  if (batch.producerEpoch < entry.producerEpoch) {
    throw new FencedEpochError(`producer ${batch.producerId}`, entry.producerEpoch, batch.producerEpoch)
  }
}

function checkSequence(entry: ProducerEntry, batch: ProducerBatch): void {
  const last = batchesOfEpoch(entry, batch.producerEpoch).at(-1)
  // No batch of this epoch yet, whether the epoch is new or only a marker has carried it: it begins with 0.
  const expected = last === undefined ? 0 : incrementSequence(last.lastSequence, 1)
  if (batch.baseSequence !== expected) {
    throw new SequenceError(batch.producerId, expected, batch.baseSequence)
  }
}

function checkTransaction(entry: ProducerEntry, batch: ProducerBatch): void {
  if (entry.currentTransactionFirstOffset >= 0 && !batch.isTransactional) {
    throw new TransactionStateError(
      `producer ${batch.producerId} has a transaction open since offset ${entry.currentTransactionFirstOffset}: ` +
        'end it before writing outside of a transaction',
    )
  }
}

function checkMarker(entry: ProducerEntry, batch: ProducerBatch): undefined {
  checkProducerEpoch(entry, batch)
  const { coordinatorEpoch = -1 } = batch
  if (coordinatorEpoch < entry.coordinatorEpoch) {
    const who = `transaction coordinator of producer ${batch.producerId}`
    throw new FencedEpochError(who, entry.coordinatorEpoch, coordinatorEpoch)
  }
}

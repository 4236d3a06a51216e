import type { Batch } from '../batch/batch.ts'
import { currentMagic } from '../batch/format.ts'
import { producerBatchOf } from './producer-batch.ts'
import type { ProducerSnapshots } from './producer-snapshots.ts'
import { type ProducerBatch, type ProducerEntry, ProducerTable } from './producer-table.ts'
import type { AbortedTransaction } from './transaction-index.ts'
import { firstOffsetOf } from './verify-resync.ts'

/** What the replay found wrong with a producer snapshot. */
export type SnapshotFault = (offset: number, reason: string) => void

/** An aborted transaction as a replay has it. */
export interface ReplayedAbort extends AbortedTransaction {
  /** However much is missing of what came before: the replay is exact, or the transaction lies within one segment. */
  readonly isCertain: boolean
}

/**
 * Replays the batches of a log through a producer table, and holds each snapshot against it as the replay comes by.
 *
 * The replay is exact only while it knows everything that happened: not when the log begins in the middle and there
 * is no snapshot of then, not behind batches that were lost, and not where compaction removed some. Then snapshots
 * and transaction indexes know more than what the replay can tell, and only what it is sure of is compared.
 */
export class ProducerReplay {
  readonly #snapshots: ProducerSnapshots
  readonly #onFault: SnapshotFault
  readonly #waiting: number[]
  readonly #table = new ProducerTable()
  /** What the segment alone tells. */
  readonly #segmentTable = new ProducerTable()
  #isExact: boolean
  /** The batch before. */
  #previous: { readonly baseOffset: number; readonly nextOffset: number }

  constructor(snapshots: ProducerSnapshots, firstOffset: number, allowGaps: boolean, onFault: SnapshotFault) {
    this.#snapshots = snapshots
    this.#onFault = onFault
    this.#waiting = [...snapshots.offsets]
    const first = firstOffset === 0 ? undefined : snapshots.tableAt(firstOffset)
    if (first !== undefined) this.#table.load(first.entries())
    this.#isExact = !allowGaps && (firstOffset === 0 || first !== undefined)
    this.#previous = { baseOffset: firstOffset, nextOffset: firstOffset }
  }

  get isExact(): boolean {
    return this.#isExact
  }

  /** A segment begins. */
  beginSegment(): void {
    this.#segmentTable.clear()
  }

  /** Takes the next batch in. Returns the transaction that it aborted. */
  apply(batch: Batch): ReplayedAbort | undefined {
    const baseOffset = firstOffsetOf(batch)
    this.reach(baseOffset)
    this.#previous = { baseOffset, nextOffset: batch.nextOffset }
    if (batch.hasProducerId) return this.#applyProduced(producerBatchOf(batch))
    // A header without records or producer stands for batches that are gone, whosever they were.
    if (batch.magic === currentMagic && batch.recordsCount === 0) this.#isExact = false
    return undefined
  }

  #applyProduced(batch: ProducerBatch): ReplayedAbort | undefined {
    const isWithinSegment = this.#segmentTable.apply(batch) !== undefined
    const transaction = this.#table.apply(batch)
    return transaction && { ...transaction, isCertain: this.#isExact || isWithinSegment }
  }

  /** Batches were lost. */
  lose(): void {
    this.#isExact = false
  }

  /** The replay has come to `offset`: checks the snapshots up to there. */
  reach(offset: number): void {
    while (this.#waiting.length > 0 && (this.#waiting[0] as number) <= offset)
      this.#check(this.#waiting.shift() as number)
  }

  /** The snapshots beyond the end of the log. */
  get beyond(): readonly number[] {
    return this.#waiting
  }

  #check(offset: number): void {
    const { value, fault } = this.#snapshots.load(offset)
    if (fault !== undefined) return this.#onFault(offset, fault)
    if (!this.#isExact) return undefined
    const { baseOffset, nextOffset } = this.#previous
    if (offset > baseOffset && offset < nextOffset)
      return this.#onFault(offset, `no batch begins at offset ${offset}`)
    const difference = this.#difference(value)
    return difference === undefined ? undefined : this.#onFault(offset, difference)
  }

  /** How a snapshot differs from the replay. Producers it lacks have expired, unless a transaction was open. */
  #difference(entries: readonly ProducerEntry[]): string | undefined {
    const persisted = new Map(entries.map((entry) => [entry.producerId, entry]))
    if (persisted.size < entries.length) return 'it has a producer twice'
    for (const entry of this.#table.entries())
      if (!persisted.has(entry.producerId) && entry.currentTransactionFirstOffset >= 0)
        return `it lacks producer ${entry.producerId}, whose transaction is open`
    for (const entry of entries) {
      const field = differentField(entry, this.#table.get(entry.producerId))
      if (field !== undefined) return `its ${field} of producer ${entry.producerId} is not that of the log`
    }
    return undefined
  }
}

/** The field in which a persisted entry is not what the replay has. */
function differentField(entry: ProducerEntry, replayed: ProducerEntry | undefined): string | undefined {
  if (replayed === undefined) return 'entry'
  if (entry.producerEpoch !== replayed.producerEpoch) return 'epoch'
  if (entry.lastTimestamp !== replayed.lastTimestamp) return 'timestamp'
  // A producer that expired and came back has not met its coordinator again yet.
  const { coordinatorEpoch } = entry
  if (coordinatorEpoch !== -1 && coordinatorEpoch !== replayed.coordinatorEpoch) return 'coordinator epoch'
  if (entry.currentTransactionFirstOffset !== replayed.currentTransactionFirstOffset)
    return 'open transaction'
  const last = entry.batches.at(-1)
  const replayedLast = replayed.batches.at(-1)
  // The same producer may have none, if only a marker has come since.
  if (last === undefined) return undefined
  if (last.lastSequence !== replayedLast?.lastSequence || last.firstSequence !== replayedLast.firstSequence)
    return 'sequence'
  return last.lastOffset === replayedLast.lastOffset ? undefined : 'last offset'
}

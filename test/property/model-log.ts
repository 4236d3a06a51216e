import type { EndTransactionType } from '../../src/batch/control-record.ts'

/** A record as it is to be read back. */
export interface ModelRecord {
  readonly key: string | null
  readonly value: string | null
  readonly headers: readonly (readonly [string, string | null])[]
  readonly timestamp: number
}

/** Who sent a batch, for idempotent and transactional producers. */
export interface ModelProducer {
  readonly id: number
  readonly epoch: number
  /** Of the first record; -1 in a marker. */
  readonly sequence: number
}

/** What was submitted as one append: all of it is in the log, or nothing. */
export interface ModelBatch {
  /** Empty for a marker, whose one offset no application sees. */
  readonly records: readonly ModelRecord[]
  readonly producer?: ModelProducer
  readonly isTransactional?: boolean
  readonly marker?: EndTransactionType
}

export interface PlacedBatch extends ModelBatch {
  readonly baseOffset: number
  readonly nextOffset: number
}

/** A transaction that the transaction index must list. */
export interface ModelAborted {
  readonly producerId: number
  readonly firstOffset: number
  readonly lastOffset: number
  readonly lastStableOffset: number
}

/** What is known of a producer at the end of the log. */
export interface ModelProducerState {
  readonly epoch: number
  /** Batches of that epoch, oldest first. */
  readonly batches: readonly PlacedBatch[]
  /** First offset of the open transaction, -1 when none is. */
  readonly openSince: number
}

/** The log as it should be: an array of batches, and every answer found by looking at all of it. */
export class ModelLog {
  #batches: PlacedBatch[] = []
  startOffset = 0

  get batches(): readonly PlacedBatch[] {
    return this.#batches
  }

  get endOffset(): number {
    return Math.max(this.#batches.at(-1)?.nextOffset ?? 0, this.startOffset)
  }

  /** A copy to try things on. */
  fork(): ModelLog {
    const copy = new ModelLog()
    copy.#batches = [...this.#batches]
    copy.startOffset = this.startOffset
    return copy
  }

  append(batch: ModelBatch): PlacedBatch {
    const placed = placeAt(batch, this.endOffset)
    this.#batches.push(placed)
    return placed
  }

  /** Where the log ends after `truncate(offset)`: batches go as a whole, but the start stays where it is. */
  truncationPoint(offset: number): number {
    const batch = this.#batches.find((each) => each.nextOffset > offset)
    return Math.max(batch?.baseOffset ?? this.endOffset, this.startOffset)
  }

  /**
   * Keeps what ends at or before `endOffset`. When that cuts the batch in which the log starts, nothing is left that can
   * be read: such a log begins anew, and knows nothing of what came before.
   */
  truncate(endOffset: number): void {
    const cut = this.#batches.find((batch) => batch.nextOffset > endOffset)
    const beginsAnew = cut !== undefined && cut.baseOffset < this.startOffset
    this.#batches = beginsAnew ? [] : this.#batches.filter((batch) => batch.nextOffset <= endOffset)
  }

  /** The records that applications see in `[from, to)`, with their offsets. */
  records(from = this.startOffset, to = this.endOffset): (ModelRecord & { readonly offset: number })[] {
    const first = Math.max(from, this.startOffset)
    return this.#batches.flatMap(({ baseOffset, records }) =>
      records
        .map((record, index) => ({ ...record, offset: baseOffset + index }))
        .filter(({ offset }) => offset >= first && offset < to),
    )
  }

  /** Every producer that ever wrote here, as it is at the end of the log. */
  producers(): Map<number, ModelProducerState> {
    return this.#replay().producers
  }

  /** The aborted transactions, in the order of their markers. */
  aborted(): ModelAborted[] {
    return this.#replay().aborted
  }

  #replay(): { producers: Map<number, ModelProducerState>; aborted: ModelAborted[] } {
    const producers = new Map<number, ModelProducerState>()
    const aborted: ModelAborted[] = []
    for (const batch of this.#batches) {
      const { producer, marker } = batch
      if (producer === undefined) continue
      const before = producers.get(producer.id)
      producers.set(producer.id, producerAfter(batch, producer, before))
      if (marker !== 'ABORT' || before === undefined || before.openSince < 0) continue
      const open = [...producers.values()].map(({ openSince }) => openSince).filter((since) => since >= 0)
      aborted.push({
        producerId: producer.id,
        firstOffset: before.openSince,
        lastOffset: batch.baseOffset,
        lastStableOffset: Math.min(...open, batch.nextOffset),
      })
    }
    return { producers, aborted }
  }
}

/** Gives a batch its offsets. */
export function placeAt(batch: ModelBatch, baseOffset: number): PlacedBatch {
  const count = batch.marker === undefined ? batch.records.length : 1
  return { ...batch, baseOffset, nextOffset: baseOffset + count }
}

function producerAfter(
  batch: PlacedBatch,
  producer: ModelProducer,
  before: ModelProducerState | undefined,
): ModelProducerState {
  const earlier = before?.epoch === producer.epoch ? before.batches : []
  if (batch.marker !== undefined) return { epoch: producer.epoch, batches: earlier, openSince: -1 }
  const wasOpen = before !== undefined && before.openSince >= 0
  const opens = batch.isTransactional === true && !wasOpen
  return {
    epoch: producer.epoch,
    batches: [...earlier, batch],
    openSince: opens ? batch.baseOffset : (before?.openSince ?? -1),
  }
}

import type { RecordMetadata } from './producer-record.ts'

/** What became of a record, by its place in its batch and its own timestamp. Throws the error of one that has failed. */
export type OutcomeOf = (index: number, timestamp: number) => RecordMetadata

/**
 * What the senders of a batch's records wait for. There may be hundreds of thousands of them, and making and clearing away
 * what they wait with is most of what sending costs. So the batch has one promise, and each record one that is derived from
 * it: callbacks of a promise run in the order in which they were added, which lets all records share a single one that
 * counts them.
 */
export class Receipts {
  readonly #onSettled: () => void
  readonly #settled: Promise<void>
  #settle!: () => void
  readonly #timestamps: number[] = []
  #outcomeOf: OutcomeOf | undefined
  #toldCount = 0

  /** @param onSettled called after all records have been told */
  constructor(onSettled: () => void) {
    this.#onSettled = onSettled
    this.#settled = new Promise((resolve) => {
      this.#settle = resolve
    })
  }

  /** The next record of the batch; resolves or rejects to what becomes of it. */
  join(timestamp: number): Promise<RecordMetadata> {
    this.#timestamps.push(timestamp)
    return this.#settled.then(this.#tellNext)
  }

  /** Tells all records, in their order. */
  settle(outcomeOf: OutcomeOf): void {
    this.#outcomeOf = outcomeOf
    // Added last, it runs last.
    void this.#settled.then(this.#onSettled)
    this.#settle()
  }

  /** Receipts for two batches that carry the records from here on, the second from `middle`. When both are settled, so is this. */
  split(middle: number): [Receipts, Receipts] {
    const settleWithBoth = (): void => {
      const [ofFirst, ofSecond] = [first.#outcomeOf, second.#outcomeOf]
      // Both may have been settled before either tells: the second to tell finds it done.
      if (ofFirst === undefined || ofSecond === undefined || this.#outcomeOf !== undefined) return
      this.settle((index, timestamp) =>
        index < middle ? ofFirst(index, timestamp) : ofSecond(index - middle, timestamp),
      )
    }
    const first = new Receipts(settleWithBoth)
    const second = new Receipts(settleWithBoth)
    return [first, second]
  }

  readonly #tellNext = (): RecordMetadata => {
    const index = this.#toldCount++
    // Set before the promise is resolved, and the timestamp when the record joined.
    return (this.#outcomeOf as OutcomeOf)(index, this.#timestamps[index] as number)
  }
}

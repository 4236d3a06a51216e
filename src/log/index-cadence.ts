/**
 * Decides which batches get an entry in the offset and time index of a segment: the first batch at whose start
 * more than `index.interval.bytes` have gone by since the last entry. The bytes are compared BEFORE the batch is
 * counted, so a segment's first batch never has an entry. One decision per batch, in an append and in a recovery
 * alike, which is why both give the same index bytes.
 */
export class IndexCadence {
  readonly #intervalBytes: number
  #bytesSinceEntry = 0

  /** `intervalBytes` is Kafka's `index.interval.bytes` (its default 4096). */
  constructor(intervalBytes: number) {
    this.#intervalBytes = intervalBytes
  }

  /** Counts a batch about to be added; true when it gets an entry. */
  onBatch(sizeBytes: number): boolean {
    const due = this.#bytesSinceEntry > this.#intervalBytes
    this.#bytesSinceEntry = (due ? 0 : this.#bytesSinceEntry) + sizeBytes
    return due
  }

  /**
   * Begins again: for a new segment with nothing, for a reopened or truncated one with the bytes that lie between
   * the position of its last entry and its end.
   */
  reset(bytesSinceEntry = 0): void {
    this.#bytesSinceEntry = bytesSinceEntry
  }
}

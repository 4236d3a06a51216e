/** How one pass of compaction is made. */
export interface CompactionOptions {
  /**
   * First offset that no pass has mapped yet: what the pass before returned, lowered by every truncation since. Kafka
   * keeps it in `cleaner-offset-checkpoint`. Default: the start of the log, which is always right and maps everything.
   */
  readonly firstDirtyOffset?: number
  /**
   * What lies from here on is left alone: the high watermark, or the first offset of an open transaction if that is
   * less. Default: the end of the log, or the first open transaction in it.
   */
  readonly lastStableOffset?: number
  /** Memory for the map of keys, 32 bytes per key. Default 128 MiB. Kafka: `log.cleaner.dedupe.buffer.size`. */
  readonly dedupeBufferBytes?: number
  /** Most bytes that one compressed batch may expand to. Default 128 MiB. */
  readonly maxDecompressedBytes?: number
  /** Gives the pass up: between two segments the log is whole, so what was done stays. */
  readonly signal?: AbortSignal
}

/** What one pass of compaction did. Sizes in bytes, times in milliseconds. */
export interface CompactionReport {
  /** Where the next pass begins to map keys. */
  readonly firstDirtyOffset: number
  /** Everything that could be mapped was: false when there were more keys than the memory for them holds. */
  readonly isComplete: boolean
  /** Of the segments that the pass went over, before and after. */
  readonly bytesBefore: number
  readonly bytesAfter: number
  readonly segmentsBefore: number
  readonly segmentsAfter: number
  readonly recordsKept: number
  readonly recordsDropped: number
  /** Of those dropped, tombstones that had served their time. */
  readonly tombstonesDropped: number
  /**
   * From this time on another pass can drop tombstones or markers that this one kept, even if nothing new is dirty;
   * undefined when there are none.
   */
  readonly earliestDeleteHorizonMs: number | undefined
  /** Distinct keys in the map. */
  readonly keys: number
  readonly durationMs: number
}

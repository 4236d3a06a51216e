/** A partition directory to be loaded, and what is known beside it. */
export interface LoadRequest {
  readonly directory: string
  /** The last stop was a clean one, says the marker of the log directory. */
  readonly clean: boolean
  /** As the checkpoint of the log directory has it. */
  readonly recoveryPoint: number
  /** As the checkpoint of the log directory has it, 0 for none. */
  readonly startOffset: number
  /** Where the clock stands, so that producers of old logs are not forgotten. */
  readonly nowMs: number
  /** Timestamps to look up. */
  readonly timestamps: readonly number[]
}

/** What a log serves after it was loaded. Words where a line is all that is compared. */
export interface Served {
  readonly startOffset: number
  readonly endOffset: number
  /** Up to where a reader of committed records reads. */
  readonly stableOffset: number
  /** Bytes behind the last batch in the last log file, behind which the next batch would be written. */
  readonly garbageBytes: number
  /** `epoch@startOffset` */
  readonly epochs: readonly string[]
  /** Per idempotent producer its state, with its last batch. */
  readonly producers: readonly string[]
  /** The aborted transactions: `producerId first..last stable lastStableOffset`. */
  readonly aborted: readonly string[]
  /** `timestamp@offset`, or `none`, for each timestamp that was asked for. */
  readonly lookups: readonly string[]
  /** Batches read one by one: `base..last checksum`, the checksum over all bytes. */
  readonly batches: readonly string[]
  /** Why reading ended before the end of the log. */
  readonly readFault?: string
  /** `from..to`, exclusive: what was durable and is gone. Kafka does not say. */
  readonly lost?: string
  /** Copies were kept of what was cut. Kafka keeps none. */
  readonly keptCopies?: true
}

/** The log is not served at all. */
export interface Refused {
  readonly refused: string
}

export type LoadAnswer = Served | Refused

export function isRefused(answer: LoadAnswer): answer is Refused {
  return 'refused' in answer
}

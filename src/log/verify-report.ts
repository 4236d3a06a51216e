import type { Env } from '../env/env.ts'

/** How a directory is verified. */
export interface VerifyOptions {
  /** The file system, clock and randomness. Default: the real ones. */
  readonly env?: Env
  /** Accept gaps between offsets, as compaction leaves them. Default false: a gap is damage. */
  readonly allowGaps?: boolean
  /**
   * This process has the log open, and does not write to it now: the index files of the segment that is written to
   * may be absent or behind, and a lock is held. Default false.
   */
  readonly isOpen?: boolean
  /** Told now and then how far it has got, in bytes of all `.log` files together. */
  readonly onProgress?: (progress: VerifyProgress) => void
  /** Gives the verification up: it rejects with `signal.reason`. */
  readonly signal?: AbortSignal
}

/** How far a verification has got. */
export interface VerifyProgress {
  /** Name of the file being read. */
  readonly file: string
  readonly checkedBytes: number
  readonly totalBytes: number
}

/** One thing that is wrong with a file. */
export interface FileProblem {
  /** Byte in the file at which it shows, or -1 when it concerns the file as a whole. */
  readonly position: number
  readonly reason: string
}

/**
 * - `good`: what it should be.
 * - `damaged`: wrong, and not explained by a crash: see the problems. `repairDirectory` puts it right.
 * - `stale`: not what it should be, or not needed, as a crash leaves it; the next open deals with it.
 * - `unknown`: not a file of this log.
 */
export type Verdict = 'good' | 'damaged' | 'stale' | 'unknown'

/** What was found out about one file; a file that should be there and is not has the size 0 and is damaged. */
export interface FileVerdict {
  /** Name in the directory. */
  readonly file: string
  readonly sizeBytes: number
  readonly verdict: Verdict
  /** In the order of their positions. */
  readonly problems: readonly FileProblem[]
  /** For people: `5 batches, 37 records, offsets 0-36`. */
  readonly detail: string
}

/** What {@link verifyDirectory} found. */
export interface VerifyReport {
  readonly directory: string
  /** No file is damaged. */
  readonly ok: boolean
  /** Every file of the directory, by name. */
  readonly files: readonly FileVerdict[]
  /** Offset of the first record that may be read. */
  readonly startOffset: number
  /** Offset after the last good record. */
  readonly endOffset: number
  /** Good batches. */
  readonly batches: number
  /** Records in the good batches; those of batches whose codec this runtime lacks as their headers count them. */
  readonly records: number
  /** Size of all `.log` files. */
  readonly bytes: number
  readonly durationMs: number
}

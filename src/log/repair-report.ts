import type { VerifyOptions } from './verify-report.ts'

/** How a directory is repaired. */
export interface RepairOptions extends Pick<VerifyOptions, 'env' | 'allowGaps' | 'onProgress' | 'signal'> {
  /** Change nothing, take no lock, and report what would be done. Default false. */
  readonly dryRun?: boolean
}

/**
 * - `restore`: the first bytes of a batch, which follow from where it stands, were put right: nothing is lost.
 * - `replace`: damaged bytes gave way to batches without records that stand for the lost offsets.
 * - `cut`: damaged bytes at the end of the log were cut off.
 * - `create`: a segment without records stands for one that is missing.
 * - `rebuild`: a derived file was made again from the log.
 * - `remove`: the file is gone, and the next open does without it or makes it again.
 * - `lower`: what is said to be durable was lowered to what is there.
 */
export type RepairVerb = 'restore' | 'replace' | 'cut' | 'create' | 'rebuild' | 'remove' | 'lower'

/** One thing done, or to be done, to a file of the directory. */
export interface RepairAction {
  readonly file: string
  readonly action: RepairVerb
  readonly detail: string
}

/** Offsets `[fromOffset, toOffset)`. */
export interface OffsetRange {
  readonly fromOffset: number
  readonly toOffset: number
}

/** What {@link repairDirectory} did, or would do. */
export interface RepairReport {
  readonly directory: string
  readonly dryRun: boolean
  /** Something was changed. */
  readonly changed: boolean
  readonly actions: readonly RepairAction[]
  /** Offsets whose records are gone, ascending. A read passes over them. */
  readonly lostOffsets: readonly OffsetRange[]
  /** Paths of what was kept, as it was, of every file that was changed. */
  readonly quarantined: readonly string[]
}

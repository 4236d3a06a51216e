import type { Recovered } from './recovery.ts'

/** Bytes that were cut from a segment because no whole batch was there. */
export interface Cut {
  readonly file: string
  /** The new end of the file. */
  readonly position: number
  readonly bytes: number
  readonly reason: string
}

/** Damage in what lies before the start of the log. Nobody can read that, so the log opens. */
export interface PassedOver {
  readonly file: string
  readonly position: number
  readonly bytes: number
  readonly reason: string
}

/** What opening a log found and did: `log.recovery`. */
export interface RecoveryReport {
  /** The last process closed the log, and nothing changed since: nothing had to be scanned. */
  readonly cleanStop: boolean
  /** Why a log that was closed cleanly was scanned all the same. */
  readonly distrusted: string | undefined
  readonly durationMs: number
  readonly segments: number
  readonly scannedSegments: number
  readonly scannedBytes: number
  /** Batches in what was scanned. */
  readonly scannedBatches: number
  /** The torn tail, if there was one. */
  readonly cut: Cut | undefined
  /** Offsets that were once durable and are gone, because somebody shortened or removed a file: `[fromOffset, toOffset)`. */
  readonly lost: { readonly fromOffset: number; readonly toOffset: number } | undefined
  /**
   * Damage before the start of the log. Where a segment holds nothing else than what lies before the start, it is deleted;
   * else it is left as it is, until trimming or retention delete it.
   */
  readonly passedOver: readonly PassedOver[]
  /** Copies, kept in the directory `quarantine`, of what was cut although there was something in it. */
  readonly quarantined: readonly string[]
  /** Derived files that were missing or wrong and were made again. */
  readonly rebuilt: readonly string[]
  /** Files that a crash had left behind in the middle of something. */
  readonly removed: readonly string[]
  readonly startOffset: number
  readonly endOffset: number
}

/** What to tell of a recovery that took `durationMs`, removed the files of `removed` and set those of `quarantined` aside. */
export function reportOf(
  recovered: Recovered,
  removed: readonly string[],
  quarantined: readonly string[],
  durationMs: number,
): RecoveryReport {
  const { cleanStop, distrusted, scanned, scannedBytes, scannedBatches, lost, rebuilt, segments } = recovered
  const { startOffset, endOffset, passedOver } = recovered
  const cut = recovered.cut && {
    file: recovered.cut.file,
    position: recovered.cut.position,
    bytes: recovered.cut.bytes,
    reason: recovered.cut.reason,
  }
  return {
    cleanStop,
    distrusted,
    durationMs,
    segments: segments.length,
    scannedSegments: scanned.length,
    scannedBytes,
    scannedBatches,
    cut,
    lost,
    passedOver,
    quarantined,
    rebuilt,
    removed,
    startOffset,
    endOffset: Math.max(startOffset, endOffset),
  }
}

/** What the choice of what to compact looks at in a segment. */
export interface CleanableSegment {
  readonly baseOffset: number
  readonly sizeBytes: number
  /** Largest timestamp, or the file's modification time where the records have none. */
  readonly timestampMs: number
}

/** What is known of a log when it is to be decided how much of it may be compacted. */
export interface CleanableLog {
  /** All segments in order; the last is active. */
  readonly segments: readonly CleanableSegment[]
  /** First offset that no pass has mapped yet, as it was remembered; undefined when none ever did. */
  readonly firstDirtyOffset: number | undefined
  readonly startOffset: number
  readonly endOffset: number
  /** Before this every transaction has ended, and every record is on all replicas that count. */
  readonly lastStableOffset: number
  readonly minCompactionLagMs: number
  readonly nowMs: number
}

/** Which part of a log a pass may compact. */
export interface CleanableRange {
  /** First offset that no pass has mapped yet. What lies before is clean: its keys are distinct. */
  readonly firstDirtyOffset: number
  /** Base of the first segment that must be left alone. Everything before may be rewritten. */
  readonly endOffset: number
  /** Bytes of the segments that begin before `firstDirtyOffset`. */
  readonly cleanBytes: number
  /** Bytes of the segments from the one that holds `firstDirtyOffset` on, before `endOffset`. */
  readonly dirtyBytes: number
}

/**
 * What may be compacted, as Kafka's cleaner has it: whole segments, not the active one, none with a record younger
 * than `min.compaction.lag.ms`, none at or behind the one that holds the last stable offset. A first dirty offset
 * that cannot be is taken for none: then the whole log is dirty.
 */
export function cleanableRange(log: CleanableLog): CleanableRange {
  const { segments, startOffset, endOffset: logEnd } = log
  const remembered = log.firstDirtyOffset ?? startOffset
  const firstDirtyOffset = remembered < startOffset || remembered > logEnd ? startOffset : remembered
  const endOffset = Math.max(endOfCleanable(log), segments[0]?.baseOffset ?? 0)
  let cleanBytes = 0
  let dirtyBytes = 0
  for (const [index, { baseOffset, sizeBytes }] of segments.entries()) {
    const next = segments[index + 1]?.baseOffset ?? Number.POSITIVE_INFINITY
    if (baseOffset < firstDirtyOffset) cleanBytes += sizeBytes
    if (next > firstDirtyOffset && baseOffset < endOffset) dirtyBytes += sizeBytes
  }
  return { firstDirtyOffset, endOffset, cleanBytes, dirtyBytes }
}

function endOfCleanable({ segments, lastStableOffset, minCompactionLagMs, nowMs }: CleanableLog): number {
  const last = segments.length - 1
  const index = segments.findIndex(
    ({ timestampMs }, at) =>
      at === last ||
      (segments[at + 1]?.baseOffset ?? 0) > lastStableOffset ||
      (minCompactionLagMs > 0 && timestampMs > nowMs - minCompactionLagMs),
  )
  return segments[index]?.baseOffset ?? 0
}

/** The share of dirty bytes, which `min.cleanable.dirty.ratio` is held against: 0 when there is nothing. */
export function dirtyRatio({ cleanBytes, dirtyBytes }: CleanableRange): number {
  return dirtyBytes === 0 ? 0 : dirtyBytes / (cleanBytes + dirtyBytes)
}

/** What makes a pass due. */
export interface CompactionThreshold {
  readonly minCleanableDirtyRatio: number
  readonly maxCompactionLagMs: number
}

/**
 * Whether the log is dirty enough for a pass, or holds a dirty record for longer than `max.compaction.lag.ms`.
 * `oldestDirtyMs` is the least of the first timestamps of the dirty segments that are sealed; undefined without any.
 */
export function isCompactionDue(
  range: CleanableRange,
  { minCleanableDirtyRatio, maxCompactionLagMs }: CompactionThreshold,
  oldestDirtyMs: number | undefined,
  nowMs: number,
): boolean {
  if (range.dirtyBytes === 0) return false
  const isOverdue = oldestDirtyMs !== undefined && nowMs - oldestDirtyMs > maxCompactionLagMs
  return isOverdue || dirtyRatio(range) > minCleanableDirtyRatio
}

/** What retention looks at in a segment. */
export interface RetainedSegment {
  readonly sizeBytes: number
  readonly nextOffset: number
  /** Largest timestamp, or the file's modification time where the records have none. */
  readonly timestampMs: number
}

export interface RetentionPolicy {
  readonly retentionMs: number
  readonly retentionBytes: number
}

/** Why a segment may go. */
export type RetentionReason = 'start offset' | 'size' | 'time'

/**
 * Which segments retention deletes: the reasons for the oldest ones, in order, ending before the first that stays.
 * As Kafka has it, by start offset what lies wholly before `startOffset`, by size as long as what remains is not
 * below `retentionBytes`, by time what is older than `retentionMs`.
 */
export function deletableSegments(
  segments: Iterable<RetainedSegment>,
  policy: RetentionPolicy,
  startOffset: number,
  totalBytes: number,
  nowMs: number,
): RetentionReason[] {
  const reasons: RetentionReason[] = []
  let excessBytes = totalBytes - policy.retentionBytes
  for (const segment of segments) {
    const reason = reasonToDelete(segment, policy, startOffset, excessBytes, nowMs)
    if (reason === undefined) break
    reasons.push(reason)
    excessBytes -= segment.sizeBytes
  }
  return reasons
}

function reasonToDelete(
  { sizeBytes, nextOffset, timestampMs }: RetainedSegment,
  { retentionMs }: RetentionPolicy,
  startOffset: number,
  excessBytes: number,
  nowMs: number,
): RetentionReason | undefined {
  if (nextOffset <= startOffset) return 'start offset'
  if (excessBytes - sizeBytes >= 0) return 'size'
  if (nowMs - timestampMs > retentionMs) return 'time'
  return undefined
}

import type { LogConfig } from './log-config.ts'
import type { RetentionPolicy } from './retention.ts'

/** What becomes of old records (Kafka's `cleanup.policy`). */
export type CleanupPolicy = LogConfig['cleanupPolicy']

/** Whether only the last record of each key is kept for ever. */
export function isCompacted({ cleanupPolicy }: Pick<LogConfig, 'cleanupPolicy'>): boolean {
  return cleanupPolicy !== 'delete'
}

/** Neither age nor size: only what lies before the start of the log goes. */
export const startOffsetOnly: RetentionPolicy = {
  retentionMs: Number.POSITIVE_INFINITY,
  retentionBytes: Number.POSITIVE_INFINITY,
}

/** What retention deletes by: a log that is compacted and no more loses nothing for its age or its size. */
export function retentionOf(config: LogConfig): RetentionPolicy {
  return config.cleanupPolicy === 'compact' ? startOffsetOnly : config
}

/**
 * The settings with what compaction implies: offsets have gaps, and a segment is sealed early enough for
 * `maxCompactionLagMs`, since an active one is never compacted.
 */
export function withCompaction<C extends LogConfig>(config: C): C {
  if (!isCompacted(config)) return config
  const segmentMs = Math.max(1, Math.min(config.segmentMs, config.maxCompactionLagMs))
  return { ...config, allowGaps: true, segmentMs }
}

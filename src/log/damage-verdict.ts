import type { DurablePoint } from './durable-point.ts'
import type { SegmentScanned } from './segment-scan.ts'

/** What to do where a scan stopped before the end of a segment. */
export type DamageVerdict =
  /** A write that was never acknowledged as durable did not reach the disk whole: cut it off. */
  | 'torn'
  /** The file was made shorter than it durably was. What is gone is gone: cut at the last whole batch, and say so. */
  | 'shortened'
  /** Bytes that were durable are not what they were. Nothing is cut without being asked: the log does not open. */
  | 'corrupt'

/**
 * Decides by place: what lies beyond the durable point was promised to no one, and after a power cut may be torn,
 * missing or in pieces. Before it every byte had been synced. Without a durable point a log that somebody else wrote
 * is cut at its very end only.
 *
 * @param end the segment, and the offset up to which everything is whole or lies before the start of the log
 * @param fileBytes size of the file in which the scan stopped
 * @param followedByBatches whether a whole batch with a right checksum, or another segment, stands behind the damage
 */
export function judgeDamage(
  stop: SegmentScanned,
  end: { readonly baseOffset: number; readonly offset: number },
  fileBytes: number,
  durable: DurablePoint,
  followedByBatches: boolean,
): DamageVerdict {
  // Nobody knows what was durable, so what still follows speaks for damage in the middle.
  if (durable.baseOffset < 0 && followedByBatches) return 'corrupt'
  if (end.offset >= durable.offset) return 'torn'
  const isShorter = end.baseOffset === durable.baseOffset && fileBytes < durable.sizeBytes
  return stop.kind === 'incomplete' && isShorter && !followedByBatches ? 'shortened' : 'corrupt'
}

import type { Files } from '../env/env.ts'
import type { Segment } from './segment.ts'

/** What the age of a segment counts from: its largest timestamp, or the file's where the records have none. */
export function segmentTimestamp(files: Files, segment: Segment): number {
  if (segment.maxTimestamp >= 0) return segment.maxTimestamp
  return files.statSync(segment.path('.log'))?.modifiedMs ?? 0
}

import type { TopicPartition } from '../cluster/cluster-metadata.ts'

/** How far a mirror has come. */
export interface MirrorProgress {
  /** Records that were copied by this run. */
  readonly recordCount: number
  /** Bytes of their keys, values and headers. */
  readonly copiedBytes: number
  /** Offsets between what was read and the end of the source, as far as that is known. */
  readonly lag: number
}

/** What one run has done to a partition. */
export interface MirroredPartition extends TopicPartition {
  /** Records that were copied by this run. */
  readonly recordCount: number
  /** Bytes of their keys, values and headers. */
  readonly copiedBytes: number
  /** Where the source is to be read on. */
  readonly sourceOffset: number
  /** The offset that the next record gets. */
  readonly targetOffset: number
}

/** What one run has done. */
export interface MirrorReport {
  readonly partitions: readonly MirroredPartition[]
  /** In how many partitions groups were moved forward. */
  readonly movedOffsetCount: number
  /** Whether it was told to stop before it was done. */
  readonly isStopped: boolean
}

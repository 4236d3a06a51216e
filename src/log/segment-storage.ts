import type { Files } from '../env/env.ts'
import { CleanShutdownMark } from './clean-shutdown-mark.ts'
import type { FilePool } from './file-pool.ts'
import type { IndexCache } from './index-cache.ts'
import type { PartitionLogContext } from './partition-log.ts'
import { ProducerSnapshots } from './producer-snapshots.ts'
import { ProducerTable } from './producer-table.ts'

/** What the segments of one log share. */
export interface SegmentStorage {
  readonly directory: string
  readonly files: Files
  readonly pool: FilePool
  readonly indexCache: IndexCache
  readonly indexIntervalBytes: number
  readonly indexBytesMax: number
  /** Nothing on the disk is changed, not even what is derived. */
  readonly readOnly: boolean
  /** Offsets may jump from batch to batch, because compaction removed what lay between. Once they may they always may. */
  allowGaps: boolean
  /** To be withdrawn before anything is changed that a clean stop describes. */
  readonly cleanShutdown: CleanShutdownMark
  /** The producers as they were at `offset`, if a snapshot of then can be read. */
  producersAt(offset: number): ProducerTable | undefined
}

/** What the segments of the log in `directory` share, as its settings are when it is opened. */
export function segmentStorage(directory: string, context: PartitionLogContext): SegmentStorage {
  const { env, pool, indexCache, readOnly = false } = context
  const { indexIntervalBytes, indexBytesMax, allowGaps } = context.config
  return {
    ...{ directory, files: env.files, pool, indexCache, readOnly },
    ...{ indexIntervalBytes, indexBytesMax, allowGaps },
    cleanShutdown: new CleanShutdownMark(env.files, directory),
    producersAt: (offset) =>
      offset === 0
        ? new ProducerTable()
        : new ProducerSnapshots(env.files, directory, [offset]).tableAt(offset),
  }
}

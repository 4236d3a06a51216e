import type { PartitionLogContext } from './partition-log.ts'
import { ProducerSnapshots } from './producer-snapshots.ts'
import { ProducerTable } from './producer-table.ts'
import type { SegmentStorage } from './segment.ts'

/** What the segments of the log in `directory` share, as its settings are when it is opened. */
export function segmentStorage(directory: string, context: PartitionLogContext): SegmentStorage {
  const { env, pool, indexCache, readOnly = false } = context
  const { indexIntervalBytes, indexBytesMax, allowGaps } = context.config
  return {
    ...{ directory, files: env.files, pool, indexCache, readOnly },
    ...{ indexIntervalBytes, indexBytesMax, allowGaps },
    producersAt: (offset) =>
      offset === 0
        ? new ProducerTable()
        : new ProducerSnapshots(env.files, directory, [offset]).tableAt(offset),
  }
}

import { murmur2, toPositive } from '../../../native-free/murmur2.ts'
import type { Bytes } from '../../batch/record-input.ts'
import type { KnownTopic } from '../cluster/known-topic.ts'
import type { PendingRecord } from './pending-record.ts'

/** What a partitioner goes by: the record, serialized. */
export type PartitionedRecord = Pick<PendingRecord, 'topic' | 'key' | 'value' | 'headers'>

/** Chooses a partition, from 0 up to the number that `topic` has; `undefined` leaves the choice to the default. */
export type Partitioner = (record: PartitionedRecord, topic: KnownTopic) => number | undefined

/** The partition of a key among `partitionCount`, the one that the Java client chooses. */
export function partitionOfKey(key: Bytes, partitionCount: number): number {
  const bytes = typeof key === 'string' ? Buffer.from(key) : key
  return toPositive(murmur2(bytes)) % partitionCount
}

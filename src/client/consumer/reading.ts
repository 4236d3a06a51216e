import type { Deserializer } from '../serialization/serializer.ts'
import type { AssignedPartition } from './assigned-partition.ts'
import type { Deserialize } from './consumed-record.ts'
import type { FetchedSource } from './fetched-records.ts'

/** How what was fetched of a partition is read: everything but the bytes. */
export type ReadPartition<K, V> = (
  partition: AssignedPartition<K, V>,
) => Omit<FetchedSource<K, V>, 'bytes' | 'fetchOffset' | 'aborted'>

/** What is the same for all partitions. */
export interface ReadingOptions<K, V> {
  readonly key: Deserializer<K>
  readonly value: Deserializer<V>
  readonly checkCrcs: boolean
  readonly maxDecompressedBytes: number
  /** Told when a record of the partition cannot be deserialized. */
  readonly onUnreadable: (partition: AssignedPartition<K, V>) => void
}

/** Makes the {@link ReadPartition} of a consumer. */
export function readingWith<K, V>(options: ReadingOptions<K, V>): ReadPartition<K, V> {
  const { key, value, checkCrcs, maxDecompressedBytes, onUnreadable } = options
  return (partition) => ({
    ...{ topic: partition.topic, partition: partition.partition, checkCrcs, maxDecompressedBytes },
    key: bound(key, partition.topic, 'key'),
    value: bound(value, partition.topic, 'value'),
    onUnreadable: () => onUnreadable(partition),
  })
}

function bound<T>(deserializer: Deserializer<T>, topic: string, part: 'key' | 'value'): Deserialize<T> {
  const context = { topic, part }
  return (bytes) => deserializer(bytes, context)
}

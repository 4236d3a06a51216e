import type { Clock } from '../../env/env.ts'
import type { TopicPartition } from '../cluster/cluster-metadata.ts'
import type { ConsumedRecord } from '../consumer/consumed-record.ts'
import type { ConsumerSettings } from '../consumer/consumer-options.ts'
import type { MirrorEnd } from './mirror-end.ts'
import { readUpTo } from './read-up-to.ts'

/** Offsets of a partition, the end exclusive. */
export interface OffsetRange extends TopicPartition {
  readonly start: number
  readonly end: number
}

/** How a range is read. */
export interface RangeOptions {
  readonly clock: Clock
  readonly isolationLevel: ConsumerSettings['isolationLevel']
  readonly signal?: AbortSignal | undefined
}

/** The records of a range that are there, in their order. The range must not go beyond the end of the partition. */
export async function* readRange(
  end: MirrorEnd,
  { topic, partition, start, end: endOffset }: OffsetRange,
  { clock, isolationLevel, signal }: RangeOptions,
): AsyncGenerator<ConsumedRecord, void, undefined> {
  if (start >= endOffset) return
  await using consumer = end.consumer({
    assignment: [{ topic, partition, offset: start }],
    ...{ isolationLevel, autoOffsetReset: 'earliest', allowAutoCreateTopics: false },
  })
  const ends = [{ topic, partition, offset: endOffset }]
  for await (const batch of readUpTo(consumer, { clock, ends, signal })) yield* batch?.records ?? []
}

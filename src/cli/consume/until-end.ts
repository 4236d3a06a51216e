import { PartitionMap } from '../../client/admin/partition-map.ts'
import type { TopicPartition } from '../../client/cluster/cluster-metadata.ts'
import type { Consumer } from '../../client/consumer/consumer.ts'
import type { Clock } from '../../env/env.ts'

/** How often the positions are looked at. */
const pauseMs = 20

/**
 * Resolves when everything has been handed out that was in the partitions when the consumer got them, and it has got some.
 * The offsets after the last record count too, such as those of control records: positions pass them, records do not.
 *
 * @throws what keeps the ends from being found, and the reason of `signal`
 */
export async function untilEnd(consumer: Consumer, clock: Clock, signal: AbortSignal): Promise<void> {
  const ends = new PartitionMap<number>()
  while (!(await isAtEnd(consumer, ends, signal))) await clock.sleep(pauseMs, signal)
}

async function isAtEnd(
  consumer: Consumer,
  ends: PartitionMap<number>,
  signal: AbortSignal,
): Promise<boolean> {
  const partitions = consumer.assignment()
  const strangers = partitions.filter((each) => ends.get(each) === undefined)
  for (const { offset, ...of } of await consumer.endOffsets(strangers, { signal })) ends.set(of, offset)
  for (const each of partitions)
    if (!(await hasReached(consumer, each, ends.get(each) ?? 0, signal))) return false
  return partitions.length > 0
}

async function hasReached(
  consumer: Consumer,
  of: TopicPartition,
  end: number,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    return (await consumer.position(of, { signal })) >= end
  } catch (error) {
    // The group has moved it to another member: that one reads it to its end.
    if (error instanceof RangeError) return false
    throw error
  }
}

import type { Admin } from '../../client/admin/admin.ts'
import type { TopicDescription } from '../../client/admin/describe-topics.ts'
import type { ListedOffset, OffsetSpec } from '../../client/admin/list-offsets.ts'
import { PartitionMap } from '../../client/admin/partition-map.ts'
import type { TopicPartition } from '../../client/cluster/cluster-metadata.ts'
import type { Session } from '../session.ts'
import { oneByOne } from './with-cluster.ts'

/**
 * The offsets at a place in partitions of `topics`, as far as leaders tell them. For a partition that nobody leads nobody is
 * waited for: what is shown is what is known now.
 */
export async function knownOffsets(
  session: Session,
  admin: Admin,
  topics: readonly TopicDescription[],
  partitions: readonly TopicPartition[],
  at: OffsetSpec,
): Promise<PartitionMap<number>> {
  const leaders = new PartitionMap<number>()
  for (const topic of topics)
    for (const { partition, leaderId } of topic.partitions)
      leaders.set({ topic: topic.name, partition }, leaderId)
  const led = partitions.filter((each) => (leaders.get(each) ?? -1) >= 0)
  const queries = led.map(({ topic, partition }) => ({ topic, partition, at }))
  const offsets = new PartitionMap<number>()
  for (const found of await admin.listOffsets(queries, oneByOne(session))) keep(offsets, found)
  return offsets
}

function keep(offsets: PartitionMap<number>, { error, offset, ...partition }: ListedOffset): void {
  if (error === undefined) offsets.set(partition, offset)
}

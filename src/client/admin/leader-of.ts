import type { Target } from '../cluster/broker-finder.ts'
import type { ClusterClient } from '../cluster/cluster-client.ts'
import type { TopicPartition } from '../cluster/cluster-metadata.ts'

/** The leader of a partition. One that is not among those that are known may have been added since. */
export function leaderOf({ topics }: ClusterClient, { topic, partition }: TopicPartition): Target {
  const known = topics.get(topic)
  if (known !== undefined && known.partitions[partition] === undefined) topics.doubt(topic)
  return { leaderOf: { topic, partition } }
}

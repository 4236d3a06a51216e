import type { TopicMetadata } from './cluster-metadata.ts'

/** A partition as it was last heard of. */
export interface KnownPartition {
  readonly partition: number
  /** -1 when nobody leads it at this moment. */
  readonly leaderId: number
  /** Grows with each leader (KIP-320); -1 when the broker tells none. */
  readonly leaderEpoch: number
  /** Ids of the brokers that have a replica. */
  readonly replicas: readonly number[]
  /** Ids of those that are in sync with the leader. */
  readonly isr: readonly number[]
}

/** A topic as it was last heard of. It is never changed: news make another. */
export interface KnownTopic {
  readonly name: string
  /** `zeroUuid` when the broker tells none (KIP-516). */
  readonly topicId: string
  readonly isInternal: boolean
  /** By the number of the partition. */
  readonly partitions: readonly KnownPartition[]
}

/**
 * The topic that a broker described, beside what was known of it. A partition of which an older leader epoch is told stays
 * as it was: brokers hear of a new leader one after the other.
 */
export function knownTopic(told: TopicMetadata, before: KnownTopic | undefined): KnownTopic {
  const { topicId } = told
  const earlier = before?.topicId === topicId ? before.partitions : []
  const partitions: KnownPartition[] = []
  for (const each of told.partitions) partitions[each.partitionIndex] = newer(fromWire(each), earlier)
  for (const index of partitions.keys()) partitions[index] ??= leaderless(index)
  return { name: told.name ?? '', topicId, isInternal: told.isInternal, partitions }
}

/** `topic` with another leader of a partition; itself if that is no news. */
export function withLeader(
  topic: KnownTopic,
  partition: number,
  leaderId: number,
  leaderEpoch: number,
): KnownTopic {
  const known = topic.partitions[partition]
  if (known === undefined || leaderId < 0 || leaderEpoch <= known.leaderEpoch) return topic
  return { ...topic, partitions: topic.partitions.with(partition, { ...known, leaderId, leaderEpoch }) }
}

function newer(told: KnownPartition, earlier: readonly KnownPartition[]): KnownPartition {
  const known = earlier[told.partition]
  const isOlder = known !== undefined && told.leaderEpoch >= 0 && told.leaderEpoch < known.leaderEpoch
  return isOlder ? known : told
}

function fromWire(told: TopicMetadata['partitions'][number]): KnownPartition {
  const { partitionIndex: partition, leaderId, leaderEpoch, replicaNodes: replicas, isrNodes: isr } = told
  return { partition, leaderId, leaderEpoch, replicas, isr }
}

function leaderless(partition: number): KnownPartition {
  return { partition, leaderId: -1, leaderEpoch: -1, replicas: [], isr: [] }
}

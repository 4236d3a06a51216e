import { KafkaError } from '../wire/kafka-error.ts'

/**
 * Spreads the replicas of `partitionCount` partitions over `brokerIds`, as Kafka does without racks: the leaders go
 * round from `firstIndex` on, and the distance of the followers grows by one each time round, so that the
 * partitions of a broker that dies fall to all the others.
 *
 * @returns for each partition its replicas, the preferred leader first
 * @throws KafkaError INVALID_REPLICATION_FACTOR, INVALID_PARTITIONS
 */
export function assignReplicas(
  brokerIds: readonly number[],
  partitionCount: number,
  replicationFactor: number,
  firstIndex = 0,
  firstPartition = 0,
): number[][] {
  if (partitionCount < 1)
    throw new KafkaError('INVALID_PARTITIONS', `a topic has at least 1 partition, not ${partitionCount}`)
  if (replicationFactor < 1)
    throw new KafkaError('INVALID_REPLICATION_FACTOR', 'a partition has at least 1 replica')
  if (replicationFactor > brokerIds.length)
    throw new KafkaError(
      'INVALID_REPLICATION_FACTOR',
      `${replicationFactor} replicas were asked for, and there ${brokerIds.length === 1 ? 'is 1 broker' : `are ${brokerIds.length} brokers`}`,
    )
  const ids = [...brokerIds].sort((a, b) => a - b)
  const count = ids.length
  const at = (index: number): number => ids[index % count] ?? 0
  return Array.from({ length: partitionCount }, (_, nth) => {
    const index = firstPartition + nth
    const leader = firstIndex + index
    const shift = firstIndex + Math.floor(index / count)
    const followers = Array.from(
      { length: replicationFactor - 1 },
      (__, follower) => leader + 1 + ((shift + follower) % (count - 1)),
    )
    return [at(leader), ...followers.map(at)]
  })
}

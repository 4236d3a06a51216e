import type { PartitionView } from '../cluster/cluster-view.ts'
import { errorCodes } from '../wire/error-codes.ts'
import type { Broker } from './broker.ts'

/** A partition as Metadata and DescribeTopicPartitions both answer it. */
export function describePartition(broker: Broker, view: PartitionView) {
  const { partition, leader, leaderEpoch, replicas, isr } = view
  return {
    errorCode: leader < 0 ? errorCodes.LEADER_NOT_AVAILABLE : errorCodes.NONE,
    partitionIndex: partition,
    leaderId: leader,
    leaderEpoch,
    replicaNodes: replicas,
    isrNodes: isr,
    offlineReplicas: replicas.filter((id) => !broker.view.brokers.has(id)),
  }
}

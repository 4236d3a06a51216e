import { deleteRecordsRequest, deleteRecordsResponse } from '../../wire/messages/21-delete-records.ts'
import {
  type DescribeProducersResponse,
  describeProducersRequest,
  describeProducersResponse,
} from '../../wire/messages/61-describe-producers.ts'
import type { ClusterClient } from '../cluster/cluster-client.ts'
import type { TopicPartition } from '../cluster/cluster-metadata.ts'
import { inOrderOf } from '../cluster/item-calls.ts'
import { leaderOf } from '../cluster/leader-of.ts'
import { rpc } from '../network/rpc.ts'
import { askForItems } from './item-calls.ts'
import type { ItemOptions, ItemResult } from './item-results.ts'
import { byTopic, flatPartitions, partitionName } from './partition-map.ts'

/** Records to be deleted. */
export interface RecordsToDelete extends TopicPartition {
  /** Those before this offset go; -1 stands for the high watermark, so that all go that consumers may see. */
  readonly beforeOffset: number
}

/** A partition of which records were deleted. */
export interface DeletedRecords extends TopicPartition, ItemResult {
  /** Where the partition begins now, on all its replicas; -1 after an error. */
  readonly lowWatermark: number
}

/** The producers that a partition remembers. */
export interface ProducerStates extends TopicPartition, ItemResult {
  readonly producers: readonly ProducerState[]
}

/** A producer as a partition remembers it (KIP-664). */
export interface ProducerState {
  readonly producerId: number
  readonly producerEpoch: number
  /** Of its last record; -1 when it has written none. */
  readonly lastSequence: number
  /** Of its last record, in milliseconds since 1970; -1 when there is none. */
  readonly lastTimestamp: number
  /** Of the coordinator that ended its last transaction; -1 when there was none. */
  readonly coordinatorEpoch: number
  /** Where its open transaction begins; -1 when none is open. */
  readonly currentTxnStartOffset: number
}

const deleteRecordsApi = rpc(deleteRecordsRequest, deleteRecordsResponse)
const describeProducersApi = rpc(describeProducersRequest, describeProducersResponse)

/** See `Admin.deleteRecords`. */
export async function deleteRecords(
  client: ClusterClient,
  partitions: readonly RecordsToDelete[],
  options: ItemOptions = {},
): Promise<DeletedRecords[]> {
  const timeoutMs = client.limits.requestTimeoutMs
  return await askForItems(
    client,
    {
      items: partitions,
      targetOf: leaderOf,
      subjectOf: partitionName,
      ask: async (link, items, callOptions) => {
        const topics = byTopic(items, ({ partition, beforeOffset }) => ({
          ...{ partitionIndex: partition, offset: beforeOffset },
        }))
        const response = await link.call(deleteRecordsApi, { topics, timeoutMs }, callOptions)
        return inOrderOf(items, partitionName, flatPartitions(response.topics))
      },
      fieldsOf: ({ topic, partition }, answer) => ({
        ...{ topic, partition, lowWatermark: answer?.lowWatermark ?? -1 },
      }),
    },
    options,
  )
}

/** See `Admin.describeProducers`. */
export async function describeProducers(
  client: ClusterClient,
  partitions: readonly TopicPartition[],
  options: ItemOptions = {},
): Promise<ProducerStates[]> {
  return await askForItems(
    client,
    {
      items: partitions,
      targetOf: leaderOf,
      subjectOf: partitionName,
      ask: async (link, items, callOptions) => {
        const topics = byTopic(items, ({ partition }) => partition).map((group) => ({
          ...{ name: group.name, partitionIndexes: group.partitions },
        }))
        const response = await link.call(describeProducersApi, { topics }, callOptions)
        return inOrderOf(items, partitionName, flatPartitions(response.topics))
      },
      fieldsOf: ({ topic, partition }, answer) => ({
        ...{ topic, partition, producers: (answer?.activeProducers ?? []).map(stateOf) },
      }),
    },
    options,
  )
}

type ActiveProducer =
  DescribeProducersResponse['topics'][number]['partitions'][number]['activeProducers'][number]

function stateOf(told: ActiveProducer): ProducerState {
  const { producerId, producerEpoch, lastSequence, lastTimestamp, coordinatorEpoch, currentTxnStartOffset } =
    told
  return { producerId, producerEpoch, lastSequence, lastTimestamp, coordinatorEpoch, currentTxnStartOffset }
}

import type { ClusterClient } from '../../client/cluster/cluster-client.ts'
import type { ClusterMetadata, TopicPartition } from '../../client/cluster/cluster-metadata.ts'
import { rpc } from '../../client/network/rpc.ts'
import { errorCodes } from '../../wire/error-codes.ts'
import { listOffsetsRequest, listOffsetsResponse } from '../../wire/messages/02-list-offsets.ts'

/** Timestamps that ListOffsets takes for places. */
export const earliest = -2
export const latest = -1

/** What was found in a partition; the offset is -1 when there is none, as after an error. */
export interface FoundOffset {
  readonly offset: number
  readonly errorCode: number
}

const listOffsetsApi = rpc(listOffsetsRequest, listOffsetsResponse)
const noReplica = -1

/** A value for each of many partitions. */
export class PartitionMap<Value> {
  readonly #values = new Map<string, Value>()

  get(partition: TopicPartition): Value | undefined {
    return this.#values.get(partitionName(partition))
  }

  set(partition: TopicPartition, value: Value): void {
    this.#values.set(partitionName(partition), value)
  }
}

/** `orders-0`, as Kafka names a partition. */
export function partitionName({ topic, partition }: TopicPartition): string {
  return `${topic}-${partition}`
}

/** All partitions of the topics that exist, in order. */
export function partitionsOf(metadata: ClusterMetadata, topics: Iterable<string>): TopicPartition[] {
  return [...topics].flatMap((topic) =>
    (metadata.topics.get(topic)?.partitions ?? [])
      .map(({ partitionIndex }) => ({ topic, partition: partitionIndex }))
      .toSorted((a, b) => a.partition - b.partition),
  )
}

/** Items under the names of their topics, as requests have them. */
export function byTopic<Item extends TopicPartition, Value>(
  items: readonly Item[],
  valueOf: (item: Item) => Value,
): { name: string; partitions: Value[] }[] {
  const topics = new Map<string, Value[]>()
  for (const item of items) topics.set(item.topic, [...(topics.get(item.topic) ?? []), valueOf(item)])
  return [...topics].map(([name, partitions]) => ({ name, partitions }))
}

/** The offsets at `timestamp`, or at one of the places, of each partition: its leader is asked. */
export async function findOffsets(
  client: ClusterClient,
  metadata: ClusterMetadata,
  partitions: readonly TopicPartition[],
  timestamp: number,
  signal: AbortSignal,
): Promise<PartitionMap<FoundOffset>> {
  const found = new PartitionMap<FoundOffset>()
  for (const [nodeId, group] of metadata.byLeader(partitions))
    if (nodeId < 0)
      for (const each of group) found.set(each, { offset: -1, errorCode: errorCodes.LEADER_NOT_AVAILABLE })
    else await askLeader(client, nodeId, { group, timestamp, signal }, found)
  return found
}

async function askLeader(
  client: ClusterClient,
  nodeId: number,
  asked: { group: readonly TopicPartition[]; timestamp: number; signal: AbortSignal },
  found: PartitionMap<FoundOffset>,
): Promise<void> {
  const { group, timestamp, signal } = asked
  const topics = byTopic(group, ({ partition }) => ({ partitionIndex: partition, timestamp }))
  const request = { replicaId: noReplica, isolationLevel: 0, topics }
  const response = await client.call({ nodeId }, listOffsetsApi, request, { signal })
  for (const { name, partitions } of response.topics)
    for (const { partitionIndex, offset, errorCode } of partitions)
      found.set({ topic: name, partition: partitionIndex }, { offset, errorCode })
}

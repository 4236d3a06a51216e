import {
  describeTopicPartitionsRequest,
  describeTopicPartitionsResponse,
  type DescribeTopicPartitionsResponse,
} from '../../wire/messages/75-describe-topic-partitions.ts'
import { zeroUuid } from '../../wire/uuid.ts'
import type { ClusterClient } from '../cluster/cluster-client.ts'
import type { TopicMetadata } from '../cluster/cluster-metadata.ts'
import { inOrderOf } from '../cluster/item-calls.ts'
import type { Answered } from '../cluster/response-error.ts'
import { rpc } from '../network/rpc.ts'
import type { BrokerLink, CallOptions } from '../network/transport.ts'
import { askForItems } from './item-calls.ts'
import { type AdminOptions, type ItemOptions, type ItemResult, orThrow, signalIn } from './item-results.ts'

/** Which topics are told of where none are named. */
export interface InternalTopics {
  /** Also those that Kafka keeps for itself, such as `__consumer_offsets`. Default false. */
  readonly internal?: boolean
}

/** A topic in a list. */
export interface TopicListing {
  readonly name: string
  /** `zeroUuid` when the broker tells none, as Kafka before 2.8. */
  readonly topicId: string
  readonly isInternal: boolean
  /** How many there are. */
  readonly partitions: number
  /** Of the partition that has the most replicas. */
  readonly replicationFactor: number
}

/** A topic with its partitions. */
export interface TopicDescription extends ItemResult {
  readonly name: string
  /** `zeroUuid` when the broker tells none, as Kafka before 2.8. */
  readonly topicId: string
  readonly isInternal: boolean
  /** In the order of their numbers. */
  readonly partitions: readonly PartitionDescription[]
}

/** A partition, and the brokers that have it. */
export interface PartitionDescription {
  readonly partition: number
  /** -1 when nobody leads it at this moment. */
  readonly leaderId: number
  /** Grows with each leader (KIP-320); -1 when the broker tells none. */
  readonly leaderEpoch: number
  /** Ids of the brokers that have a replica, the preferred leader first. */
  readonly replicas: readonly number[]
  /** Those of them that are in sync with the leader. */
  readonly isr: readonly number[]
  /** Those of them that cannot be reached. */
  readonly offlineReplicas: readonly number[]
  /** Those that could lead although they are not in the ISR (KIP-966); empty where the cluster keeps none. */
  readonly eligibleLeaderReplicas: readonly number[]
}

/** What both ways to ask tell of a partition. */
type ToldPartition = TopicMetadata['partitions'][number] & {
  readonly eligibleLeaderReplicas?: readonly number[] | null
}

interface Told extends Answered {
  readonly name: string | null
  readonly topicId: string
  readonly isInternal: boolean
  readonly partitions: readonly ToldPartition[]
}

const describeApi = rpc(describeTopicPartitionsRequest, describeTopicPartitionsResponse)

/** See `Admin.listTopics`. */
export async function listTopics(
  client: ClusterClient,
  { internal = false, ...options }: AdminOptions & InternalTopics = {},
): Promise<TopicListing[]> {
  const { topics } = await client.metadata(null, options)
  return [...topics.values()]
    .filter(({ isInternal }) => internal || !isInternal)
    .map(({ name, topicId, isInternal, partitions }) => ({
      ...{ name: name ?? '', topicId, isInternal, partitions: partitions.length },
      replicationFactor: Math.max(0, ...partitions.map(({ replicaNodes }) => replicaNodes.length)),
    }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

/** See `Admin.describeTopics`. */
export async function describeTopics(
  client: ClusterClient,
  names: readonly string[] | null,
  options: ItemOptions & InternalTopics = {},
): Promise<TopicDescription[]> {
  const described = await askForItems(
    client,
    {
      items: names ?? (await listTopics(client, options)).map(({ name }) => name),
      targetOf: () => 'any',
      subjectOf: (name) => `topic '${name}'`,
      ask: async (link, items, callOptions) => {
        const told = await tellOf(client, link, items, callOptions)
        return inOrderOf(items, String, told)
      },
      fieldsOf: (name, answer) => ({
        name,
        topicId: answer?.topicId ?? zeroUuid,
        isInternal: answer?.isInternal ?? false,
        partitions: (answer?.partitions ?? [])
          .map(describePartition)
          .toSorted((a, b) => a.partition - b.partition),
      }),
    },
    { ...signalIn(options), throwOnError: false },
  )
  // Nobody has asked for one by its name: if it is gone since it was listed, it is gone.
  const isThere = ({ error }: ItemResult): boolean => error?.kafkaName !== 'UNKNOWN_TOPIC_OR_PARTITION'
  return orThrow<TopicDescription>(names === null ? described.filter(isThere) : described, options)
}

function describePartition(told: ToldPartition): PartitionDescription {
  const { partitionIndex: partition, leaderId, leaderEpoch, replicaNodes, isrNodes, offlineReplicas } = told
  return {
    ...{ partition, leaderId, leaderEpoch, replicas: replicaNodes, isr: isrNodes, offlineReplicas },
    eligibleLeaderReplicas: told.eligibleLeaderReplicas ?? [],
  }
}

/** In the newer way, which has pages, where it is served. */
async function tellOf(
  client: ClusterClient,
  link: BrokerLink,
  names: readonly string[],
  options: CallOptions,
): Promise<ReadonlyMap<string, Told>> {
  if (link.served.has(describeTopicPartitionsRequest.apiKey)) return await readPages(link, names, options)
  return (await client.metadata(names, options)).topics
}

async function readPages(
  link: BrokerLink,
  names: readonly string[],
  options: CallOptions,
): Promise<Map<string, Told>> {
  const told = new Map<string, Told>()
  const topics = [...new Set(names)].map((name) => ({ name }))
  let cursor: DescribeTopicPartitionsResponse['nextCursor'] = null
  do {
    const page: DescribeTopicPartitionsResponse = await link.call(describeApi, { topics, cursor }, options)
    for (const topic of page.topics) {
      const name = topic.name ?? ''
      // One that did not fit into a page goes on in the next.
      const partitions = [...(told.get(name)?.partitions ?? []), ...topic.partitions]
      told.set(name, { ...topic, partitions })
    }
    cursor = page.topics.length === 0 ? null : page.nextCursor
  } while (cursor !== null)
  return told
}

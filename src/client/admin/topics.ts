import { createTopicsRequest, createTopicsResponse } from '../../wire/messages/19-create-topics.ts'
import { deleteTopicsRequest, deleteTopicsResponse } from '../../wire/messages/20-delete-topics.ts'
import {
  createPartitionsRequest,
  createPartitionsResponse,
} from '../../wire/messages/37-create-partitions.ts'
import { zeroUuid } from '../../wire/uuid.ts'
import type { ClusterClient } from '../cluster/cluster-client.ts'
import { inOrderOf } from '../cluster/item-calls.ts'
import { rpc } from '../network/rpc.ts'
import { type ConfigValue, configText } from './config-value.ts'
import { askForItems } from './item-calls.ts'
import type { ItemOptions, ItemResult } from './item-results.ts'

/** A topic to be created. */
export interface NewTopic {
  readonly name: string
  /** How many partitions. Default: the broker's `num.partitions` (KIP-464). */
  readonly partitions?: number
  /** How many replicas each partition has. Default: the broker's `default.replication.factor` (KIP-464). */
  readonly replicationFactor?: number
  /** Configs of the topic, by Kafka's names, such as `{ 'retention.ms': 3_600_000 }`. Default: the broker's. */
  readonly config?: Readonly<Record<string, ConfigValue>>
  /** In place of the numbers: for each partition, the ids of the brokers of its replicas, the preferred leader first. */
  readonly assignments?: readonly (readonly number[])[]
}

/** A topic to be given more partitions. */
export interface NewPartitions {
  readonly name: string
  /** How many partitions there are to be in all; they can only become more. */
  readonly count: number
  /** For each new partition, the ids of the brokers of its replicas. Default: the controller chooses. */
  readonly assignments?: readonly (readonly number[])[]
}

/** A topic by its name, or by its id (KIP-516). */
export type TopicNameOrId = string | { readonly topicId: string }

/** How topics are changed. */
export interface ChangeOptions extends ItemOptions {
  /** Only checks whether it could be done. Default false. */
  readonly validateOnly?: boolean
}

/** A topic that was created, or could be. */
export interface CreatedTopic extends ItemResult {
  readonly name: string
  /** `zeroUuid` when it was only checked, or the broker tells none. */
  readonly topicId: string
  /** -1 when the broker does not say, as Kafka before 2.4. */
  readonly partitions: number
  /** -1 when the broker does not say, as Kafka before 2.4. */
  readonly replicationFactor: number
}

/** A topic that was given more partitions, or could be. */
export interface ExtendedTopic extends ItemResult {
  readonly name: string
}

/** A topic that was deleted. */
export interface DeletedTopic extends ItemResult {
  /** Null when it was asked for by an id that is not known. */
  readonly name: string | null
  /** `zeroUuid` when the broker tells none, as Kafka before 2.8. */
  readonly topicId: string
}

const createTopicsApi = rpc(createTopicsRequest, createTopicsResponse)
const createPartitionsApi = rpc(createPartitionsRequest, createPartitionsResponse)
/** From this version on each topic goes by its name or its id. */
const topicIdsSince = 6
const deleteTopicsApi = rpc(deleteTopicsRequest, deleteTopicsResponse)
const deleteByIdApi = rpc(deleteTopicsRequest, deleteTopicsResponse, { minVersion: topicIdsSince })

/** Leaves a number to the broker (KIP-464). */
const brokerDefault = -1

/** See `Admin.createTopics`. */
export async function createTopics(
  client: ClusterClient,
  topics: readonly NewTopic[],
  options: ChangeOptions = {},
): Promise<CreatedTopic[]> {
  const { validateOnly = false } = options
  const timeoutMs = client.limits.requestTimeoutMs
  return await askForItems(
    client,
    {
      items: topics,
      targetOf: () => 'controller',
      subjectOf,
      ask: async (link, items, callOptions) => {
        const request = { topics: items.map(newTopicOf), timeoutMs, validateOnly }
        const response = await link.call(createTopicsApi, request, callOptions)
        return inOrderOf(items, nameOf, named(response.topics))
      },
      fieldsOf: ({ name }, answer) => ({
        name,
        topicId: answer?.topicId ?? zeroUuid,
        partitions: answer?.numPartitions ?? -1,
        replicationFactor: answer?.replicationFactor ?? -1,
      }),
    },
    options,
  )
}

function newTopicOf({
  name,
  partitions = brokerDefault,
  replicationFactor = brokerDefault,
  config = {},
  assignments = [],
}: NewTopic) {
  return {
    ...{ name, numPartitions: partitions, replicationFactor },
    configs: Object.entries(config).map(([key, value]) => ({ name: key, value: configText(value) })),
    assignments: assignments.map((brokerIds, partitionIndex) => ({
      partitionIndex,
      brokerIds: [...brokerIds],
    })),
  }
}

/** See `Admin.createPartitions`. */
export async function createPartitions(
  client: ClusterClient,
  topics: readonly NewPartitions[],
  options: ChangeOptions = {},
): Promise<ExtendedTopic[]> {
  const { validateOnly = false } = options
  const timeoutMs = client.limits.requestTimeoutMs
  return await askForItems(
    client,
    {
      items: topics,
      targetOf: () => 'controller',
      subjectOf,
      ask: async (link, items, callOptions) => {
        const asked = items.map(({ name, count, assignments }) => ({
          ...{ name, count },
          assignments: assignments?.map((brokerIds) => ({ brokerIds: [...brokerIds] })) ?? null,
        }))
        const request = { topics: asked, timeoutMs, validateOnly }
        const { results } = await link.call(createPartitionsApi, request, callOptions)
        // Producers and consumers that share the client shall not wait until what they know is old.
        for (const { name } of items) client.topics.doubt(name)
        return inOrderOf(items, nameOf, named(results))
      },
      fieldsOf: ({ name }) => ({ name }),
    },
    options,
  )
}

/** See `Admin.deleteTopics`. */
export async function deleteTopics(
  client: ClusterClient,
  topics: readonly TopicNameOrId[],
  options: ItemOptions = {},
): Promise<DeletedTopic[]> {
  const api = topics.every((topic) => typeof topic === 'string') ? deleteTopicsApi : deleteByIdApi
  const timeoutMs = client.limits.requestTimeoutMs
  return await askForItems(
    client,
    {
      items: topics,
      targetOf: () => 'controller',
      subjectOf: (topic) => `topic '${keyOf(topic)}'`,
      ask: async (link, items, callOptions) => {
        const input = (version: number) =>
          version >= topicIdsSince
            ? { topics: items.map(deletedTopicOf), timeoutMs }
            : { topicNames: items.map(keyOf), timeoutMs }
        const { responses } = await link.call(api, input, callOptions)
        for (const { name } of responses) client.topics.doubt(name ?? '')
        // Whichever of the two was asked for, answers may have both.
        const answers = responses.flatMap((each) => [
          [each.name ?? '', each] as const,
          [each.topicId ?? zeroUuid, each] as const,
        ])
        return inOrderOf(items, keyOf, answers)
      },
      fieldsOf: (topic, answer) => ({
        name: answer?.name ?? (typeof topic === 'string' ? topic : null),
        topicId: answer?.topicId ?? (typeof topic === 'string' ? zeroUuid : topic.topicId),
      }),
    },
    options,
  )
}

function deletedTopicOf(topic: TopicNameOrId) {
  return typeof topic === 'string'
    ? { name: topic, topicId: zeroUuid }
    : { name: null, topicId: topic.topicId }
}

function keyOf(topic: TopicNameOrId): string {
  return typeof topic === 'string' ? topic : topic.topicId
}

function nameOf({ name }: { readonly name: string }): string {
  return name
}

function subjectOf({ name }: { readonly name: string }): string {
  return `topic '${name}'`
}

function named<Answer extends { readonly name: string }>(
  answers: readonly Answer[],
): (readonly [string, Answer])[] {
  return answers.map((answer) => [answer.name, answer])
}

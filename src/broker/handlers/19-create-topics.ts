import type { TopicView } from '../../cluster/cluster-view.ts'
import { type NewTopic, partitionsPerRequestMax } from '../../cluster/controller.ts'
import { errorCodes } from '../../wire/error-codes.ts'
import { KafkaError } from '../../wire/kafka-error.ts'
import {
  type CreateTopicsRequest,
  createTopicsRequest,
  createTopicsResponse,
  type CreateTopicsResponseInput,
} from '../../wire/messages/19-create-topics.ts'
import { zeroUuid } from '../../wire/uuid.ts'
import type { Broker } from '../broker.ts'
import { stateError } from '../error-mapping.ts'
import { handler } from '../handler.ts'
import { repeated } from '../repeated.ts'

type TopicRequest = CreateTopicsRequest['topics'][number]
type TopicResponse = CreateTopicsResponseInput['topics'][number]

/** Where Kafka keeps what a cluster agrees on: a topic of this name could never be taken over by it. */
const clusterMetadataTopic = '__cluster_metadata'

/** Stands for "as the broker has it by default" (KIP-464). */
const byDefault = -1

/** Makes topics, each for itself. Answered when their partitions have leaders here. */
export const createTopics = handler(
  { request: createTopicsRequest, response: createTopicsResponse },
  async (broker, request) => {
    const refusal = refusalOf(broker, request.topics)
    const topics: TopicResponse[] = []
    for (const asked of uniqueByName(request.topics))
      topics.push(await create(broker, asked, request.validateOnly, refusal))
    await broker.replicas.settled()
    return { throttleTimeMs: 0, topics }
  },
)

function uniqueByName(topics: readonly TopicRequest[]): TopicRequest[] {
  return [...new Map(topics.map((topic) => [topic.name, topic])).values()]
}

/** What speaks against a topic as one of this request. */
function refusalOf(
  broker: Broker,
  topics: readonly TopicRequest[],
): (topic: TopicRequest) => KafkaError | undefined {
  const twice = repeated(topics.map(({ name }) => name))
  const partitionCount = topics.reduce((sum, topic) => sum + Math.max(0, partitionCountOf(broker, topic)), 0)
  return ({ name }) => {
    if (partitionCount > partitionsPerRequestMax)
      return new KafkaError(
        'POLICY_VIOLATION',
        `one request makes at most ${partitionsPerRequestMax} partitions, not ${partitionCount}`,
      )
    if (twice.has(name))
      return new KafkaError('INVALID_REQUEST', `the topic '${name}' is in the request more than once`)
    if (name === clusterMetadataTopic)
      return new KafkaError('INVALID_REQUEST', `${name} is Kafka's own name for what a cluster agrees on`)
    return undefined
  }
}

function partitionCountOf(broker: Broker, { numPartitions, assignments }: TopicRequest): number {
  if (assignments.length > 0) return assignments.length
  return numPartitions === byDefault ? broker.config['num.partitions'] : numPartitions
}

async function create(
  broker: Broker,
  asked: TopicRequest,
  validateOnly: boolean,
  refusal: (topic: TopicRequest) => KafkaError | undefined,
): Promise<TopicResponse> {
  try {
    const refused = refusal(asked)
    if (refused !== undefined) throw refused
    const config = broker.configs.planTopic(asked.configs)
    const topic = await broker.controller.createTopic(newTopic(broker, asked, config), validateOnly)
    return describe(broker, topic, config, validateOnly)
  } catch (error) {
    return { name: asked.name, topicId: zeroUuid, ...stateError(error), configs: [] }
  }
}

function newTopic(broker: Broker, asked: TopicRequest, config: Readonly<Record<string, string>>): NewTopic {
  const { name, replicationFactor } = asked
  const given = {
    name,
    config,
    partitionCount: partitionCountOf(broker, asked),
    replicationFactor:
      replicationFactor === byDefault ? broker.config['default.replication.factor'] : replicationFactor,
  }
  return asked.assignments.length === 0 ? given : { ...given, assignment: assignmentOf(asked) }
}

function assignmentOf({
  name,
  numPartitions,
  replicationFactor,
  assignments,
}: TopicRequest): (readonly number[])[] {
  if (numPartitions !== byDefault || replicationFactor !== byDefault)
    throw new KafkaError(
      'INVALID_REQUEST',
      `the topic '${name}' is given an assignment, which says how many partitions and replicas there are: leave both counts at -1`,
    )
  const assignment: (readonly number[])[] = []
  for (const { partitionIndex, brokerIds } of assignments) {
    if (
      assignment[partitionIndex] !== undefined ||
      partitionIndex < 0 ||
      partitionIndex >= assignments.length
    )
      throw new KafkaError(
        'INVALID_REPLICA_ASSIGNMENT',
        'the partitions of an assignment are numbered from 0 without gaps, each once',
      )
    assignment[partitionIndex] = brokerIds
  }
  return assignment
}

function describe(
  broker: Broker,
  topic: TopicView,
  config: Readonly<Record<string, string>>,
  validateOnly: boolean,
): TopicResponse {
  return {
    name: topic.name,
    topicId: validateOnly ? zeroUuid : topic.topicId,
    errorCode: errorCodes.NONE,
    errorMessage: null,
    numPartitions: topic.partitions.length,
    replicationFactor: topic.partitions[0]?.replicas.length ?? -1,
    configs: broker.configs.describePlanned(config),
  }
}

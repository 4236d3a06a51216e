import type { TopicView } from '../../cluster/cluster-view.ts'
import type { NewTopic } from '../../cluster/controller.ts'
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
import { resourceTypes } from '../config/config-store.ts'
import { stateError } from '../error-mapping.ts'
import { handler } from '../handler.ts'

type TopicRequest = CreateTopicsRequest['topics'][number]
type TopicResponse = CreateTopicsResponseInput['topics'][number]

/** Stands for "as the broker has it by default" (KIP-464). */
const byDefault = -1

/** Makes topics, each for itself. Answered when their partitions have leaders here. */
export const createTopics = handler(
  { request: createTopicsRequest, response: createTopicsResponse },
  async (broker, request) => {
    const counts = new Map<string, number>()
    for (const { name } of request.topics) counts.set(name, (counts.get(name) ?? 0) + 1)
    const topics: TopicResponse[] = []
    for (const asked of uniqueByName(request.topics))
      topics.push(await create(broker, asked, request.validateOnly, counts.get(asked.name) !== 1))
    await broker.replicas.settled()
    return { throttleTimeMs: 0, topics }
  },
)

function uniqueByName(topics: readonly TopicRequest[]): TopicRequest[] {
  return [...new Map(topics.map((topic) => [topic.name, topic])).values()]
}

async function create(
  broker: Broker,
  asked: TopicRequest,
  validateOnly: boolean,
  isRepeated: boolean,
): Promise<TopicResponse> {
  try {
    if (isRepeated)
      throw new KafkaError('INVALID_REQUEST', `the topic '${asked.name}' is in the request more than once`)
    const config = broker.configs.planTopic(asked.configs)
    const topic = await broker.controller.createTopic(newTopic(broker, asked, config), validateOnly)
    return describe(broker, topic, validateOnly)
  } catch (error) {
    return { name: asked.name, topicId: zeroUuid, ...stateError(error), configs: null }
  }
}

function newTopic(broker: Broker, asked: TopicRequest, config: Readonly<Record<string, string>>): NewTopic {
  const { name, numPartitions, replicationFactor } = asked
  const given = {
    name,
    config,
    partitionCount: numPartitions === byDefault ? broker.config['num.partitions'] : numPartitions,
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

function describe(broker: Broker, topic: TopicView, validateOnly: boolean): TopicResponse {
  const resource = { resourceType: resourceTypes.topic, resourceName: topic.name }
  return {
    name: topic.name,
    topicId: validateOnly ? zeroUuid : topic.topicId,
    errorCode: errorCodes.NONE,
    errorMessage: null,
    numPartitions: topic.partitions.length,
    replicationFactor: topic.partitions[0]?.replicas.length ?? -1,
    // Of a topic that was only validated there is nothing yet to describe.
    configs: validateOnly ? [] : broker.configs.describe(resource),
  }
}

import type { TopicView } from '../../cluster/cluster-view.ts'
import { validTopicName } from '../../log/file-names.ts'
import { errorCodes } from '../../wire/error-codes.ts'
import {
  type DescribeTopicPartitionsRequest,
  describeTopicPartitionsRequest,
  describeTopicPartitionsResponse,
  type DescribeTopicPartitionsResponseInput,
} from '../../wire/messages/75-describe-topic-partitions.ts'
import { zeroUuid } from '../../wire/uuid.ts'
import { authorizedOperations } from '../authorized-operations.ts'
import type { Broker } from '../broker.ts'
import { describePartition } from '../describe-partition.ts'
import { handler } from '../handler.ts'

type TopicResponse = DescribeTopicPartitionsResponseInput['topics'][number]
type PartitionResponse = TopicResponse['partitions'][number]

/** Topics in the order of their names, page by page (KIP-966): a page ends at the limit, and says where the next begins. */
export const describeTopicPartitions = handler(
  { request: describeTopicPartitionsRequest, response: describeTopicPartitionsResponse },
  (broker, request) => {
    const { topics, cursor, responsePartitionLimit } = request
    if (!isCursorValid(request)) return refusal(request)
    const names = topics.length > 0 ? topics.map(({ name }) => name) : [...broker.view.topics.keys()]
    const wanted = [...new Set(names)].sort().filter((name) => name >= (cursor?.topicName ?? ''))
    let room = Math.min(
      Math.max(responsePartitionLimit, 1),
      broker.config['max.request.partition.size.limit'],
    )
    const described: TopicResponse[] = []
    for (const name of wanted) {
      const from = name === cursor?.topicName ? Math.max(cursor.partitionIndex, 0) : 0
      if (room === 0)
        return { throttleTimeMs: 0, topics: described, nextCursor: { topicName: name, partitionIndex: from } }
      const topic = broker.view.topics.get(name)
      if (topic === undefined) {
        described.push(missing(name))
        continue
      }
      const partitions = describePartitions(broker, topic, from, room)
      described.push({ ...headOf(broker, topic), partitions })
      room -= partitions.length
      const next = from + partitions.length
      if (next < topic.partitions.length)
        return { throttleTimeMs: 0, topics: described, nextCursor: { topicName: name, partitionIndex: next } }
    }
    return { throttleTimeMs: 0, topics: described, nextCursor: null }
  },
)

/** A cursor points at a topic that is asked for, and at one of the partitions that it may have. */
function isCursorValid({ topics, cursor }: DescribeTopicPartitionsRequest): boolean {
  if (cursor === null) return true
  const isAskedFor = topics.length === 0 || topics.some(({ name }) => name === cursor.topicName)
  return isAskedFor && cursor.partitionIndex >= 0
}

function refusal({ topics }: DescribeTopicPartitionsRequest): DescribeTopicPartitionsResponseInput {
  const refused = topics.map(({ name }) => absent(name, errorCodes.INVALID_REQUEST))
  return { throttleTimeMs: 0, topics: refused, nextCursor: null }
}

function missing(name: string): TopicResponse {
  const { UNKNOWN_TOPIC_OR_PARTITION, INVALID_TOPIC_EXCEPTION } = errorCodes
  const error = validTopicName(name) ? UNKNOWN_TOPIC_OR_PARTITION : INVALID_TOPIC_EXCEPTION
  return { ...absent(name, error), topicAuthorizedOperations: authorizedOperations.topic }
}

function absent(name: string, errorCode: number): TopicResponse {
  return { errorCode, name, topicId: zeroUuid, partitions: [] }
}

function headOf(broker: Broker, { name, topicId }: TopicView): Omit<TopicResponse, 'partitions'> {
  const topicAuthorizedOperations = authorizedOperations.topic
  return {
    ...{ errorCode: errorCodes.NONE, name, topicId, isInternal: broker.isInternal(name) },
    topicAuthorizedOperations,
  }
}

function describePartitions(
  broker: Broker,
  topic: TopicView,
  from: number,
  limit: number,
): PartitionResponse[] {
  return topic.partitions.slice(from, from + limit).map((partition) => ({
    ...describePartition(broker, partition),
    // Null would say the same, but Java clients up to 4.3 fail on it.
    eligibleLeaderReplicas: [],
    lastKnownElr: [],
  }))
}

import type { TopicView } from '../../cluster/cluster-view.ts'
import { errorCodes } from '../../wire/error-codes.ts'
import {
  describeTopicPartitionsRequest,
  describeTopicPartitionsResponse,
  type DescribeTopicPartitionsResponseInput,
} from '../../wire/messages/75-describe-topic-partitions.ts'
import { zeroUuid } from '../../wire/uuid.ts'
import type { Broker } from '../broker.ts'
import { describePartition } from '../describe-partition.ts'
import { handler } from '../handler.ts'

type TopicResponse = DescribeTopicPartitionsResponseInput['topics'][number]
type PartitionResponse = TopicResponse['partitions'][number]

/** Topics in the order of their names, page by page (KIP-966): a page ends at the limit, and says where the next begins. */
export const describeTopicPartitions = handler(
  { request: describeTopicPartitionsRequest, response: describeTopicPartitionsResponse },
  (broker, { topics, cursor, responsePartitionLimit }) => {
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
        described.push(absent(name))
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

function absent(name: string): TopicResponse {
  return { errorCode: errorCodes.UNKNOWN_TOPIC_OR_PARTITION, name, topicId: zeroUuid, partitions: [] }
}

function headOf(broker: Broker, { name, topicId }: TopicView): Omit<TopicResponse, 'partitions'> {
  return { errorCode: errorCodes.NONE, name, topicId, isInternal: broker.isInternal(name) }
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

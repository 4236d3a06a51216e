import { errorCodes } from '../../wire/error-codes.ts'
import {
  type OffsetDeleteRequest,
  offsetDeleteRequest,
  offsetDeleteResponse,
  type OffsetDeleteResponseInput,
} from '../../wire/messages/47-offset-delete.ts'
import type { Broker } from '../broker.ts'
import { groupContext } from '../group-context.ts'
import { handler } from '../handler.ts'

type TopicRequest = OffsetDeleteRequest['topics'][number]
type TopicResponse = OffsetDeleteResponseInput['topics'][number]

/** Deletes offsets of topics that the group is not subscribed to. Those of partitions that do not exist are refused. */
export const offsetDelete = handler(
  { request: offsetDeleteRequest, response: offsetDeleteResponse },
  async (broker, request, context) => {
    const split = request.topics.map((topic) => splitTopic(broker, topic))
    const topics = split.map(({ known }) => known).filter(hasPartitions)
    const refused = split.map(({ unknown }) => refusal(unknown)).filter(hasPartitions)
    if (topics.length === 0 && refused.length > 0)
      return { errorCode: errorCodes.NONE, throttleTimeMs: 0, topics: refused }
    const response = await broker.groups.offsetDelete(groupContext(context), { ...request, topics })
    if (response.errorCode !== errorCodes.NONE) return response
    return { ...response, topics: merged([...response.topics, ...refused]) }
  },
)

function splitTopic(broker: Broker, topic: TopicRequest): { known: TopicRequest; unknown: TopicRequest } {
  const isThere = ({ partitionIndex }: { partitionIndex: number }): boolean =>
    broker.view.partition(topic.name, partitionIndex) !== undefined
  const known = topic.partitions.filter(isThere)
  const unknown = topic.partitions.filter((partition) => !isThere(partition))
  return { known: { ...topic, partitions: known }, unknown: { ...topic, partitions: unknown } }
}

function hasPartitions({ partitions }: { readonly partitions: readonly unknown[] }): boolean {
  return partitions.length > 0
}

function refusal({ name, partitions }: TopicRequest): TopicResponse {
  const errorCode = errorCodes.UNKNOWN_TOPIC_OR_PARTITION
  return { name, partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode })) }
}

/** Partitions of one topic, some deleted and some refused, are told together. */
function merged(topics: readonly TopicResponse[]): TopicResponse[] {
  const byName = new Map<string, TopicResponse>()
  for (const { name, partitions } of topics)
    byName.set(name, { name, partitions: [...(byName.get(name)?.partitions ?? []), ...partitions] })
  return [...byName.values()]
}

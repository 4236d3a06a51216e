import type { TopicView } from '../../cluster/cluster-view.ts'
import { errorCodes } from '../../wire/error-codes.ts'
import {
  type OffsetCommitRequest,
  offsetCommitRequest,
  offsetCommitResponse,
  type OffsetCommitResponseInput,
} from '../../wire/messages/08-offset-commit.ts'
import { findTopic } from '../find-topic.ts'
import { groupContext } from '../group-context.ts'
import { handler, type RequestContext } from '../handler.ts'

type TopicRequest = OffsetCommitRequest['topics'][number]
type TopicResponse = OffsetCommitResponseInput['topics'][number]

/** From this version on topics are named by their ids. */
const topicIdsSince = 10

/** Commits offsets of a group. Those of topics that do not exist are refused, each for itself. */
export const offsetCommit = handler(
  { request: offsetCommitRequest, response: offsetCommitResponse },
  async (broker, request, context) => {
    const topics: TopicRequest[] = []
    const refused: TopicResponse[] = []
    for (const asked of request.topics) {
      const found = findTopic(broker.view, asked, context.apiVersion >= topicIdsSince)
      const partitions = found?.partitions ?? []
      const isThere = ({ partitionIndex }: { partitionIndex: number }): boolean =>
        partitions[partitionIndex] !== undefined
      const known = asked.partitions.filter(isThere)
      const unknown = asked.partitions.filter((partition) => !isThere(partition))
      if (known.length > 0) topics.push({ ...asked, name: found?.name ?? '', partitions: known })
      if (unknown.length > 0) refused.push(refusal({ ...asked, partitions: unknown }, found, context))
    }
    const response = await broker.groups.offsetCommit(groupContext(context), { ...request, topics })
    return { throttleTimeMs: 0, topics: merged([...response.topics, ...refused]) }
  },
)

function refusal(
  { name, topicId, partitions }: TopicRequest,
  found: TopicView | undefined,
  { apiVersion }: RequestContext,
): TopicResponse {
  const isUnknownId = apiVersion >= topicIdsSince && found === undefined
  const errorCode = isUnknownId ? errorCodes.UNKNOWN_TOPIC_ID : errorCodes.UNKNOWN_TOPIC_OR_PARTITION
  return {
    name,
    topicId,
    partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode })),
  }
}

/** Partitions of one topic, some committed and some refused, are told together. */
function merged(topics: readonly TopicResponse[]): TopicResponse[] {
  const byTopic = new Map<string, TopicResponse>()
  for (const topic of topics) {
    const key = `${topic.name} ${topic.topicId}`
    const before = byTopic.get(key)?.partitions ?? []
    byTopic.set(key, { ...topic, partitions: [...before, ...topic.partitions] })
  }
  return [...byTopic.values()]
}

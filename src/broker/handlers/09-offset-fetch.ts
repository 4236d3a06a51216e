import { errorCodes } from '../../wire/error-codes.ts'
import {
  type OffsetFetchRequest,
  offsetFetchRequest,
  offsetFetchResponse,
  type OffsetFetchResponseInput,
} from '../../wire/messages/09-offset-fetch.ts'
import { zeroUuid } from '../../wire/uuid.ts'
import type { Broker } from '../broker.ts'
import { topicName } from '../find-topic.ts'
import { groupContext } from '../group-context.ts'
import { handler } from '../handler.ts'

type GroupRequest = OffsetFetchRequest['groups'][number]
type GroupResponse = NonNullable<OffsetFetchResponseInput['groups']>[number]
type TopicRequest = NonNullable<GroupRequest['topics']>[number]

/** From this version on topics are named by their ids. */
const topicIdsSince = 10

/** The committed offsets of groups. With topic ids, those of topics that do not exist are refused. */
export const offsetFetch = handler(
  { request: offsetFetchRequest, response: offsetFetchResponse },
  async (broker, request, context) => {
    if (context.apiVersion < topicIdsSince)
      return await broker.groups.offsetFetch(groupContext(context), request)
    const groups = request.groups.map((group) => ({ ...group, topics: named(broker, group.topics) }))
    const response = await broker.groups.offsetFetch(groupContext(context), { ...request, groups })
    return {
      throttleTimeMs: 0,
      groups: response.groups.map((group, index) => withIds(broker, group, request.groups[index])),
    }
  },
)

function named(broker: Broker, topics: GroupRequest['topics']): GroupRequest['topics'] {
  if (topics === null) return null
  return topics.flatMap((topic) => {
    const name = topicName(broker.view, topic, true)
    return name === undefined ? [] : [{ ...topic, name }]
  })
}

/** Gives the topics their ids back. Offsets of topics that are gone have none, and cannot be told. */
function withIds(broker: Broker, group: GroupResponse, asked: GroupRequest | undefined): GroupResponse {
  const found = group.topics.flatMap((topic) => {
    const topicId = broker.view.topics.get(topic.name ?? '')?.topicId ?? zeroUuid
    return topicId === zeroUuid ? [] : [{ ...topic, topicId }]
  })
  const unknown = (asked?.topics ?? []).filter(({ topicId }) => !broker.view.topicsById.has(topicId))
  return { ...group, topics: [...found, ...unknown.map(refusal)] }
}

function refusal({ topicId, partitionIndexes }: TopicRequest): GroupResponse['topics'][number] {
  const partitions = partitionIndexes.map((partitionIndex) => ({
    partitionIndex,
    committedOffset: -1,
    committedLeaderEpoch: -1,
    metadata: '',
    errorCode: errorCodes.UNKNOWN_TOPIC_ID,
  }))
  return { topicId, partitions }
}

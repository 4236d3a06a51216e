import { errorCodes } from '../../wire/error-codes.ts'
import { KafkaError } from '../../wire/kafka-error.ts'
import {
  type DeleteTopicsRequest,
  deleteTopicsRequest,
  deleteTopicsResponse,
  type DeleteTopicsResponseInput,
} from '../../wire/messages/20-delete-topics.ts'
import { zeroUuid } from '../../wire/uuid.ts'
import type { Broker } from '../broker.ts'
import { stateError } from '../error-mapping.ts'
import { findTopic } from '../find-topic.ts'
import { repeated } from '../repeated.ts'
import { handler, type RequestContext } from '../handler.ts'

type AskedTopic = Pick<DeleteTopicsRequest['topics'][number], 'name' | 'topicId'>
type TopicResponse = DeleteTopicsResponseInput['responses'][number]

/** From this version on each topic goes by its name or its id. */
const topicIdsSince = 6

/** Removes topics with all their records, each for itself. Answered when they are gone here. */
export const deleteTopics = handler(
  { request: deleteTopicsRequest, response: deleteTopicsResponse },
  async (broker, request, context) => {
    const responses: TopicResponse[] = []
    const asked = askedTopics(request, context).map((each) => [whichOf(broker, each), each] as const)
    const twice = repeated(asked.map(([which]) => which))
    const first = new Map<string, AskedTopic>()
    for (const [which, each] of asked) if (!first.has(which)) first.set(which, each)
    for (const [which, each] of first) responses.push(await remove(broker, each, twice.has(which)))
    await broker.settled()
    return { throttleTimeMs: 0, responses }
  },
)

function askedTopics(
  { topics, topicNames }: DeleteTopicsRequest,
  { apiVersion }: RequestContext,
): readonly AskedTopic[] {
  return apiVersion >= topicIdsSince ? topics : topicNames.map((name) => ({ name, topicId: zeroUuid }))
}

/** The same for each way to refer to the same topic. */
function whichOf(broker: Broker, { name, topicId }: AskedTopic): string {
  const found = findTopic(broker.view, { name, topicId }, topicId !== zeroUuid)
  return found?.name ?? `${name} ${topicId}`
}

async function remove(
  broker: Broker,
  { name, topicId }: AskedTopic,
  isRepeated: boolean,
): Promise<TopicResponse> {
  const byId = topicId !== zeroUuid
  if (isRepeated) {
    const errorMessage = 'the topic is in the request more than once'
    const known = findTopic(broker.view, { name, topicId }, byId)?.name ?? name
    return { name: known, topicId, errorCode: errorCodes.INVALID_REQUEST, errorMessage }
  }
  try {
    if (byId === (name !== null))
      throw new KafkaError('INVALID_REQUEST', 'a topic is named or given by its id, and not both')
    const found = findTopic(broker.view, { name, topicId }, byId)
    if (found === undefined)
      throw new KafkaError(
        byId ? 'UNKNOWN_TOPIC_ID' : 'UNKNOWN_TOPIC_OR_PARTITION',
        `there is no topic '${byId ? topicId : name}'`,
      )
    if (!broker.config['delete.topic.enable'])
      throw new KafkaError(
        'TOPIC_DELETION_DISABLED',
        'topics are not deleted here: delete.topic.enable is false',
      )
    await broker.controller.deleteTopic(found.name)
    return { name: found.name, topicId: found.topicId, errorCode: errorCodes.NONE }
  } catch (error) {
    return { name, topicId, ...stateError(error) }
  }
}

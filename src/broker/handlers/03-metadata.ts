import { zeroUuid } from '../../wire/uuid.ts'
import type { TopicView } from '../../cluster/cluster-view.ts'
import { validTopicName } from '../../log/file-names.ts'
import { errorCodes } from '../../wire/error-codes.ts'
import {
  type MetadataRequest,
  metadataRequest,
  metadataResponse,
  type MetadataResponseInput,
} from '../../wire/messages/03-metadata.ts'
import { authorizedOperations, notAsked } from '../authorized-operations.ts'
import type { Broker } from '../broker.ts'
import { describePartition } from '../describe-partition.ts'
import { stateError } from '../error-mapping.ts'
import { findTopic } from '../find-topic.ts'
import { handler, type RequestContext } from '../handler.ts'

type TopicResponse = MetadataResponseInput['topics'][number]
type AskedTopic = NonNullable<MetadataRequest['topics']>[number]

/** Until this version an empty list of topics means all of them; later a null one does. */
const nullMeansAllSince = 1
/** Two earlier versions have the field of a topic's id, but may not be asked by it (KIP-516). */
const topicIdsSince = 12

/** Brokers, topics and leaders. Makes topics that are asked for and do not exist, where that is allowed. */
export const metadata = handler(
  { request: metadataRequest, response: metadataResponse },
  async (broker, request, context) => {
    const { view } = broker
    if (isAskedTooEarly(request, context)) return refusal(request)
    const topics = isForAll(request, context)
      ? [...view.topics.values()].map((topic) => describe(broker, topic))
      : await Promise.all(uniqueTopics(request).map((each) => find(broker, request, each)))
    return {
      throttleTimeMs: 0,
      brokers: broker.nodes(context.listenerName),
      clusterId: view.clusterId,
      controllerId: view.controllerId,
      topics: request.includeTopicAuthorizedOperations ? topics.map(withOperations) : topics,
      clusterAuthorizedOperations: request.includeClusterAuthorizedOperations
        ? authorizedOperations.cluster
        : notAsked,
    }
  },
)

function isForAll({ topics }: MetadataRequest, { apiVersion }: RequestContext): boolean {
  return topics === null || (topics.length === 0 && apiVersion < nullMeansAllSince)
}

/** Of an id that no topic has, nobody can say what may be done with it. */
function withOperations(topic: TopicResponse): TopicResponse {
  if (topic.errorCode === errorCodes.UNKNOWN_TOPIC_ID) return topic
  return { ...topic, topicAuthorizedOperations: authorizedOperations.topic }
}

/** One topic that is not asked for by its name spoils the request for all, as in Kafka, where names are all there is. */
function isAskedTooEarly({ topics }: MetadataRequest, { apiVersion }: RequestContext): boolean {
  return (
    apiVersion < topicIdsSince &&
    (topics ?? []).some(({ name, topicId }) => name === null || topicId !== zeroUuid)
  )
}

function refusal({ topics }: MetadataRequest): MetadataResponseInput {
  const refused = (topics ?? []).map(({ name, topicId }) =>
    absent(errorCodes.INVALID_REQUEST, name ?? '', topicId),
  )
  return { throttleTimeMs: 0, brokers: [], topics: refused }
}

/** Who asks for a topic twice is answered once. */
function uniqueTopics({ topics }: MetadataRequest): AskedTopic[] {
  return [...new Map((topics ?? []).map((asked) => [`${asked.name} ${asked.topicId}`, asked])).values()]
}

async function find(
  broker: Broker,
  { allowAutoTopicCreation }: MetadataRequest,
  { topicId, name }: AskedTopic,
): Promise<TopicResponse> {
  const byId = topicId !== zeroUuid
  const found = findTopic(broker.view, { name, topicId }, byId)
  if (found !== undefined) return describe(broker, found)
  if (byId) return absent(errorCodes.UNKNOWN_TOPIC_ID, null, topicId)
  if (name === null || !validTopicName(name)) return absent(errorCodes.INVALID_TOPIC_EXCEPTION, name, topicId)
  if (!allowAutoTopicCreation || !broker.config['auto.create.topics.enable'])
    return absent(errorCodes.UNKNOWN_TOPIC_OR_PARTITION, name, topicId)
  try {
    // Answered when it has a leader: older clients give up on the LEADER_NOT_AVAILABLE that a broker could say instead.
    return describe(broker, await broker.autoCreateTopic(name))
  } catch (error) {
    const { errorCode } = stateError(error)
    // Who asks for a topic is not the one who looks for the controller: it is to ask again.
    const isElsewhere = errorCode === errorCodes.NOT_CONTROLLER
    return absent(isElsewhere ? errorCodes.LEADER_NOT_AVAILABLE : errorCode, name, topicId)
  }
}

function absent(errorCode: number, name: string | null, topicId: string): TopicResponse {
  return { errorCode, name, topicId, isInternal: false, partitions: [] }
}

function describe(broker: Broker, topic: TopicView): TopicResponse {
  return {
    errorCode: errorCodes.NONE,
    name: topic.name,
    topicId: topic.topicId,
    isInternal: broker.isInternal(topic.name),
    partitions: topic.partitions.map((partition) => describePartition(broker, partition)),
  }
}

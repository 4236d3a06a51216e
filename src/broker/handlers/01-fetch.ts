import { errorCodes } from '../../wire/error-codes.ts'
import { KafkaError } from '../../wire/kafka-error.ts'
import {
  type FetchRequest,
  fetchRequest,
  fetchResponse,
  type FetchResponseInput,
} from '../../wire/messages/01-fetch.ts'
import type { Broker } from '../broker.ts'
import { delayOperation } from '../delayed-operation.ts'
import { stateError } from '../error-mapping.ts'
import type { FetchContext, FetchedPartition } from '../fetch-sessions.ts'
import { topicName } from '../find-topic.ts'
import { handler, type RequestContext } from '../handler.ts'
import { type IsolationLevel, isolationLevel, type Partition } from '../partition.ts'

type TopicResponse = FetchResponseInput['responses'][number]
type PartitionResponse = TopicResponse['partitions'][number]

/** From this version on topics are named by their ids. */
const topicIdsSince = 13
/** From this version on an answer tells who leads instead (KIP-595). */
const currentLeaderSince = 12

/**
 * The longest that anybody is kept waiting: Kafka's clients give up on a request long before, and an answer with nothing
 * in it costs those who do not one more request.
 */
const waitMsMax = 5 * 60 * 1000

const nothing = Buffer.alloc(0)

/** One partition's part of an answer. */
interface Answer {
  readonly asked: FetchedPartition
  readonly response: PartitionResponse & { readonly records: Buffer }
}

/**
 * Reads batches as they are stored. When there are fewer bytes than the client wants it waits for more, until its time
 * is up; any error is told at once.
 */
export const fetch = handler(
  { request: fetchRequest, response: fetchResponse },
  async (broker, request, context) => {
    let fetched: FetchContext
    try {
      fetched = broker.fetchSessions.take(request, context.apiVersion >= topicIdsSince)
    } catch (error) {
      return { throttleTimeMs: 0, errorCode: stateError(error).errorCode, sessionId: 0, responses: [] }
    }
    const first = await readAll(broker, request, fetched, context)
    const answers = (await awaitMore(broker, request, fetched, context, first))
      ? await readAll(broker, request, fetched, context)
      : first
    const told = answers.filter(({ asked, response }) =>
      fetched.tells(asked, {
        highWatermark: response.highWatermark,
        logStartOffset: response.logStartOffset ?? -1,
        hasRecords: response.records.length > 0,
        isError: response.errorCode !== errorCodes.NONE,
      }),
    )
    return {
      throttleTimeMs: 0,
      errorCode: errorCodes.NONE,
      sessionId: fetched.sessionId,
      responses: byTopic(told),
    }
  },
)

/** Resolves with whether it is worth reading again. */
async function awaitMore(
  broker: Broker,
  request: FetchRequest,
  fetched: FetchContext,
  { signal, apiVersion }: RequestContext,
  answers: readonly Answer[],
): Promise<boolean> {
  const bytes = answers.reduce((sum, { response }) => sum + response.records.length, 0)
  const isError = answers.some(({ response }) => response.errorCode !== errorCodes.NONE)
  if (bytes >= request.minBytes || isError || request.maxWaitMs <= 0) return false
  const isolation = isolationLevel(request.isolationLevel)
  const watched = fetched.partitions.flatMap((asked) => findPartition(broker, asked, apiVersion) ?? [])
  const before = watched.map((partition) => stateOf(partition, isolation))
  const isDone = (): boolean => {
    let more = bytes
    for (const [index, partition] of watched.entries()) {
      const now = stateOf(partition, isolation)
      const then = before[index] ?? now
      // Who no longer leads, or has cut its log, has something to tell whatever there is to read.
      if (now.isLeader !== then.isLeader || now.startOffset !== then.startOffset) return true
      if (now.endOffset > then.endOffset) more += Math.max(1, now.appendedBytes - then.appendedBytes)
    }
    return more >= request.minBytes && more > bytes
  }
  await delayOperation({
    timers: broker.timers,
    watched,
    timeoutMs: Math.min(request.maxWaitMs, waitMsMax),
    isDone,
    signal,
  })
  return signal?.aborted !== true
}

function stateOf(partition: Partition, isolation: IsolationLevel) {
  return {
    isLeader: partition.isLeader,
    startOffset: partition.log.startOffset,
    endOffset: partition.endOffsetFor(isolation),
    appendedBytes: partition.appendedBytes,
  }
}

function findPartition(broker: Broker, asked: FetchedPartition, apiVersion: number): Partition | undefined {
  const topic = topicOf(broker, asked, apiVersion)
  return topic === undefined ? undefined : broker.replicas.find(topic, asked.partition)
}

function topicOf(
  { view }: Broker,
  { topic: name, topicId }: FetchedPartition,
  apiVersion: number,
): string | undefined {
  return topicName(view, { name, topicId }, apiVersion >= topicIdsSince)
}

async function readAll(
  broker: Broker,
  request: FetchRequest,
  { partitions }: FetchContext,
  context: RequestContext,
): Promise<Answer[]> {
  // A first batch larger than all limits is sent whole: the client could never get past it otherwise.
  let roomBytes = Math.min(request.maxBytes, broker.config['fetch.max.bytes'])
  let hasRecords = false
  const answers: Answer[] = []
  for (const asked of partitions) {
    const maxBytes = Math.min(asked.maxBytes, roomBytes)
    const response = await read(broker, request, asked, context, maxBytes, !hasRecords)
    roomBytes = Math.max(0, roomBytes - response.records.length)
    hasRecords ||= response.records.length > 0
    answers.push({ asked, response })
  }
  return answers
}

async function read(
  broker: Broker,
  request: FetchRequest,
  asked: FetchedPartition,
  { apiVersion }: RequestContext,
  maxBytes: number,
  atLeastOneBatch: boolean,
): Promise<Answer['response']> {
  const isolation = isolationLevel(request.isolationLevel)
  const topic = topicOf(broker, asked, apiVersion)
  try {
    if (topic === undefined) throw new KafkaError('UNKNOWN_TOPIC_ID', `there is no topic ${asked.topicId}`)
    refuseReplicas(request)
    const partition = broker.replicas.get(topic, asked.partition)
    partition.mustLead(asked.currentLeaderEpoch)
    const outcome = await partition.read({ offset: asked.fetchOffset, maxBytes, atLeastOneBatch, isolation })
    return {
      partitionIndex: asked.partition,
      errorCode: errorCodes.NONE,
      highWatermark: outcome.highWatermark,
      lastStableOffset: outcome.lastStableOffset,
      logStartOffset: outcome.logStartOffset,
      abortedTransactions:
        isolation === 'read_committed'
          ? outcome.abortedTransactions.map(({ producerId, firstOffset }) => ({ producerId, firstOffset }))
          : null,
      records: outcome.records,
    }
  } catch (error) {
    const refused = refusal(broker, topic, asked.partition, error)
    return apiVersion >= currentLeaderSince
      ? { ...refused, ...leaderIfMoved(broker, topic, refused) }
      : refused
  }
}

/** Followers come with replication. Who says it is one would move the high watermark (CVE-2018-1288). */
function refuseReplicas({ replicaId, replicaState }: FetchRequest): void {
  if (replicaId < 0 && replicaState.replicaId < 0) return
  throw new KafkaError('NOT_LEADER_OR_FOLLOWER', 'this broker is no replica of the partition')
}

function refusal(
  broker: Broker,
  topic: string | undefined,
  index: number,
  error: unknown,
): Answer['response'] {
  const { errorCode } = stateError(error)
  const partition = topic === undefined ? undefined : broker.replicas.find(topic, index)
  return {
    partitionIndex: index,
    errorCode,
    highWatermark: partition?.highWatermark ?? -1,
    lastStableOffset: partition?.lastStableOffset ?? -1,
    logStartOffset: partition?.log.startOffset ?? -1,
    abortedTransactions: null,
    records: nothing,
  }
}

/** Who leads now, for a client that is told it has asked the wrong broker or is behind. */
function leaderIfMoved(
  broker: Broker,
  topic: string | undefined,
  { partitionIndex, errorCode }: PartitionResponse,
): Pick<PartitionResponse, 'currentLeader'> {
  const view = topic === undefined ? undefined : broker.view.partition(topic, partitionIndex)
  const isMoved =
    errorCode === errorCodes.NOT_LEADER_OR_FOLLOWER || errorCode === errorCodes.FENCED_LEADER_EPOCH
  return isMoved && view !== undefined
    ? { currentLeader: { leaderId: view.leader, leaderEpoch: view.leaderEpoch } }
    : {}
}

/** Puts the partitions of a topic together, in the order in which each topic first comes. */
function byTopic(answers: readonly Answer[]): TopicResponse[] {
  const topics = new Map<string, TopicResponse & { partitions: PartitionResponse[] }>()
  for (const { asked, response } of answers) {
    const key = `${asked.topic} ${asked.topicId}`
    const topic = topics.get(key) ?? { topic: asked.topic, topicId: asked.topicId, partitions: [] }
    topics.set(key, topic)
    topic.partitions.push(response)
  }
  return [...topics.values()]
}

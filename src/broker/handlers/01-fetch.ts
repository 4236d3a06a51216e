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
import { type IsolationLevel, isolationLevel, type Partition, type ReadOutcome } from '../partition.ts'

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
/** Where what was fetched before is not in the log, nothing is told of the log. */
const nothingKnown = { highWatermark: -1, lastStableOffset: -1, logStartOffset: -1 }

/** One partition's part of an answer. */
interface Answer {
  readonly asked: FetchedPartition
  readonly response: PartitionResponse & { readonly records: Buffer }
  /** What was read, and what it was like before: undefined when it could not be. */
  readonly source?: { readonly partition: Partition; readonly before: PartitionState }
}

/** What of a partition tells that there is more to read. */
type PartitionState = ReturnType<typeof stateOf>

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
    const isAgain = await awaitMore(broker, request, context, first)
    if (isAgain) for (const { response } of first) context.memory?.giveBack(response.records)
    const answers = isAgain ? await readAll(broker, request, fetched, context) : first
    const news = answers.filter(({ asked, response }) =>
      fetched.tells(asked, {
        highWatermark: response.highWatermark,
        logStartOffset: response.logStartOffset ?? -1,
        hasRecords: response.records.length > 0,
        isError: isTrouble(response),
      }),
    )
    return {
      throttleTimeMs: 0,
      errorCode: errorCodes.NONE,
      sessionId: fetched.sessionId,
      responses: byTopic(news),
    }
  },
)

/** Whether it tells of something that the client has to act upon. */
function isTrouble({ errorCode, divergingEpoch }: PartitionResponse): boolean {
  return errorCode !== errorCodes.NONE || divergingEpoch !== undefined
}

/** Resolves with whether it is worth reading again. */
async function awaitMore(
  broker: Broker,
  request: FetchRequest,
  { signal }: RequestContext,
  answers: readonly Answer[],
): Promise<boolean> {
  const bytes = answers.reduce((sum, { response }) => sum + response.records.length, 0)
  const isUrgent = answers.some(({ response }) => isTrouble(response))
  if (bytes >= request.minBytes || isUrgent || request.maxWaitMs <= 0) return false
  const isolation = isolationLevel(request.isolationLevel)
  const sources = answers.flatMap(({ source }) => source ?? [])
  const isDone = (): boolean => {
    let more = bytes
    for (const { partition, before: then } of sources) {
      const now = stateOf(partition, isolation)
      // Who no longer leads, or has cut its log, has something to tell whatever there is to read.
      if (now.isLeader !== then.isLeader || now.startOffset !== then.startOffset) return true
      if (now.endOffset > then.endOffset) more += Math.max(1, now.appendedBytes - then.appendedBytes)
    }
    return more >= request.minBytes && more > bytes
  }
  await delayOperation({
    timers: broker.timers,
    watched: sources.map(({ partition }) => partition),
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
    const answer = await read(broker, request, asked, context, maxBytes, !hasRecords)
    const { length } = answer.response.records
    roomBytes = Math.max(0, roomBytes - length)
    hasRecords ||= length > 0
    answers.push(answer)
  }
  return answers
}

async function read(
  broker: Broker,
  request: FetchRequest,
  asked: FetchedPartition,
  { apiVersion, memory }: RequestContext,
  maxBytes: number,
  atLeastOneBatch: boolean,
): Promise<Answer> {
  const isolation = isolationLevel(request.isolationLevel)
  const topic = topicOf(broker, asked, apiVersion)
  try {
    if (topic === undefined) throw new KafkaError('UNKNOWN_TOPIC_ID', `there is no topic ${asked.topicId}`)
    refuseReplicas(request)
    const partition = broker.replicas.get(topic, asked.partition)
    partition.mustLead(asked.currentLeaderEpoch)
    const divergingEpoch = divergence(partition, asked)
    if (divergingEpoch !== undefined) return { asked, response: diverged(asked.partition, divergingEpoch) }
    const before = stateOf(partition, isolation)
    const outcome = await partition.read({
      ...{ offset: asked.fetchOffset, maxBytes, atLeastOneBatch, isolation },
      ...(memory === undefined ? {} : { memory }),
    })
    return { asked, response: told(asked.partition, outcome, isolation), source: { partition, before } }
  } catch (error) {
    const refused = refusal(broker, topic, asked.partition, error)
    const moved = apiVersion >= currentLeaderSince ? leaderIfMoved(broker, topic, refused) : {}
    return { asked, response: { ...refused, ...moved } }
  }
}

function told(partitionIndex: number, outcome: ReadOutcome, isolation: IsolationLevel): Answer['response'] {
  const { highWatermark, lastStableOffset, logStartOffset, abortedTransactions, records } = outcome
  return {
    ...{ partitionIndex, errorCode: errorCodes.NONE },
    ...{ highWatermark, lastStableOffset, logStartOffset },
    abortedTransactions:
      isolation === 'read_committed'
        ? abortedTransactions.map(({ producerId, firstOffset }) => ({ producerId, firstOffset }))
        : null,
    records,
  }
}

function diverged(
  partitionIndex: number,
  divergingEpoch: NonNullable<PartitionResponse['divergingEpoch']>,
): Answer['response'] {
  return {
    ...{ partitionIndex, errorCode: errorCodes.NONE, ...nothingKnown },
    ...{ abortedTransactions: null, records: nothing, divergingEpoch },
  }
}

/**
 * Where the log parts from what the client has read before, as far as it says (KIP-595).
 *
 * @throws KafkaError OFFSET_OUT_OF_RANGE when it has read of an epoch that there is none of here
 */
function divergence(
  partition: Partition,
  { lastFetchedEpoch, fetchOffset }: FetchedPartition,
): PartitionResponse['divergingEpoch'] {
  if (lastFetchedEpoch < 0) return undefined
  const { leaderEpoch: epoch, endOffset } = partition.endOffsetForEpoch(lastFetchedEpoch)
  if (epoch < 0 || endOffset < 0)
    throw new KafkaError(
      'OFFSET_OUT_OF_RANGE',
      `${partition.name} has nothing of leader epoch ${lastFetchedEpoch}`,
    )
  return epoch < lastFetchedEpoch || endOffset < fetchOffset ? { epoch, endOffset } : undefined
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

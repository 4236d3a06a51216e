import { CodecError, InvalidRecordError, InvalidTimestampError } from '../../base/errors.ts'
import type { AppendResult } from '../../log/log-writer.ts'
import { errorCodes } from '../../wire/error-codes.ts'
import { KafkaError } from '../../wire/kafka-error.ts'
import {
  type ProduceRequest,
  produceRequest,
  type ProduceResponseInput,
  produceResponse,
} from '../../wire/messages/00-produce.ts'
import type { Broker } from '../broker.ts'
import { stateError } from '../error-mapping.ts'
import { topicName } from '../find-topic.ts'
import { handler, type RequestContext } from '../handler.ts'
import type { Partition, RequiredAcks } from '../partition.ts'
import { producedBatch } from '../produced-batch.ts'

type TopicData = ProduceRequest['topicData'][number]
type PartitionData = TopicData['partitionData'][number]
type TopicResponse = ProduceResponseInput['responses'][number]
type PartitionResponse = TopicResponse['partitionResponses'][number]

/** From this version on topics are named by their ids. */
const topicIdsSince = 13
/** From this version on an answer tells who leads instead (KIP-951). */
const currentLeaderSince = 10

/** These errors come before the log is looked into, or are of one that cannot be: Kafka then tells nothing of it. */
const logUnknown: ReadonlySet<number> = new Set([
  errorCodes.CORRUPT_MESSAGE,
  errorCodes.KAFKA_STORAGE_ERROR,
  errorCodes.MESSAGE_TOO_LARGE,
  errorCodes.NOT_LEADER_OR_FOLLOWER,
])

const noErrors: never[] = []

/** Appends record batches. All of a request are queued within the call, so requests are appended in the order they came. */
export const produce = handler(
  { request: produceRequest, response: produceResponse, overlaps: true, letsGo: true },
  async (broker, request, context) => {
    const { acks } = request
    const responses = await allSettled(
      request.topicData.map((topic) => appendTopic(broker, request, topic, context)),
    )
    if (acks !== 0) return { responses }
    // Nobody waits for an answer, so the only way to tell is to hang up (Kafka does): the client then looks anew.
    const failed = responses.flatMap(({ partitionResponses }) => partitionResponses).find(isFailure)
    if (failed !== undefined)
      throw new KafkaError('UNKNOWN_SERVER_ERROR', `an append with acks=0 failed: ${failed.errorMessage}`)
    return undefined
  },
)

/** As `Promise.all`, but rejects only when all have settled: until then the logs have hold of the request's bytes. */
async function allSettled<T>(promises: readonly Promise<T>[]): Promise<T[]> {
  try {
    return await Promise.all(promises)
  } catch (error) {
    await Promise.allSettled(promises)
    throw error
  }
}

async function appendTopic(
  broker: Broker,
  request: ProduceRequest,
  topic: TopicData,
  context: RequestContext,
): Promise<TopicResponse> {
  const { apiVersion } = context
  const name = topicName(broker.view, topic, apiVersion >= topicIdsSince)
  const partitionResponses = await allSettled(
    topic.partitionData.map((data) => append(broker, request, topic, name, data, apiVersion)),
  )
  return { name: topic.name, topicId: topic.topicId, partitionResponses }
}

async function append(
  broker: Broker,
  { acks, timeoutMs }: ProduceRequest,
  { topicId }: TopicData,
  topic: string | undefined,
  { index, records }: PartitionData,
  apiVersion: number,
): Promise<PartitionResponse> {
  try {
    if (topic === undefined) throw new KafkaError('UNKNOWN_TOPIC_ID', `there is no topic ${topicId}`)
    if (!isAcks(acks)) throw new KafkaError('INVALID_REQUIRED_ACKS', `acks is 0, 1 or -1 (all), not ${acks}`)
    if (broker.isInternal(topic))
      throw new KafkaError('INVALID_TOPIC_EXCEPTION', `only brokers write to ${topic}`)
    const partition = broker.replicas.get(topic, index)
    const batch = producedBatch(records, apiVersion)
    const result = await partition.append(batch, { requiredAcks: acks, timeoutMs })
    return taken(partition, result)
  } catch (error) {
    return refusal(broker, topic, index, error, apiVersion)
  }
}

function taken({ index, log }: Partition, { baseOffset, timestamp }: AppendResult): PartitionResponse {
  return {
    index,
    errorCode: errorCodes.NONE,
    baseOffset,
    logAppendTimeMs: log.state.config.timestampType === 'LogAppendTime' ? timestamp : -1,
    logStartOffset: log.startOffset,
    recordErrors: noErrors,
  }
}

function isAcks(acks: number): acks is RequiredAcks {
  return acks === 0 || acks === 1 || acks === -1
}

function isFailure({ errorCode }: PartitionResponse): boolean {
  return errorCode !== errorCodes.NONE
}

function refusal(
  broker: Broker,
  topic: string | undefined,
  index: number,
  given: unknown,
  apiVersion: number,
): PartitionResponse {
  // With a checksum that fits, what cannot be expanded was never right: sent again it would be no better.
  const error = given instanceof CodecError ? new InvalidRecordError(given.message) : given
  const stated = stateError(error)
  const recordErrors =
    error instanceof InvalidRecordError || error instanceof InvalidTimestampError ? error.recordErrors : []
  const view = topic === undefined ? undefined : broker.view.partition(topic, index)
  const isMoved = stated.errorCode === errorCodes.NOT_LEADER_OR_FOLLOWER && apiVersion >= currentLeaderSince
  const isLogKnown = !(error instanceof KafkaError) && !logUnknown.has(stated.errorCode)
  return {
    index,
    ...stated,
    baseOffset: -1,
    logStartOffset: isLogKnown ? (broker.replicas.find(topic ?? '', index)?.log.startOffset ?? -1) : -1,
    recordErrors: recordErrors.map(({ index: batchIndex, message }) => ({
      batchIndex,
      batchIndexErrorMessage: message,
    })),
    ...(isMoved && view ? { currentLeader: { leaderId: view.leader, leaderEpoch: view.leaderEpoch } } : {}),
  }
}

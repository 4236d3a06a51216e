import { InvalidRecordError, InvalidTimestampError } from '../../base/errors.ts'
import { Batch } from '../../batch/batch.ts'
import { compressionId } from '../../batch/compression.ts'
import { compressionMask, currentMagic, magicPosition, recordBatchOverhead } from '../../batch/format.ts'
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
import type { RequiredAcks } from '../partition.ts'

type TopicData = ProduceRequest['topicData'][number]
type PartitionData = TopicData['partitionData'][number]
type TopicResponse = ProduceResponseInput['responses'][number]
type PartitionResponse = TopicResponse['partitionResponses'][number]

/** From this version on topics are named by their ids. */
const topicIdsSince = 13
/** From this version on an answer tells who leads instead (KIP-951). */
const currentLeaderSince = 10

/** From this version on batches may be compressed with zstd (KIP-110): older consumers could not read them. */
const zstdSince = 7

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
    topic.partitionData.map(async (data) => {
      try {
        if (name === undefined) throw new KafkaError('UNKNOWN_TOPIC_ID', `there is no topic ${topic.topicId}`)
        return await append(broker, request, name, data, context)
      } catch (error) {
        return refusal(broker, name, data.index, error, apiVersion)
      }
    }),
  )
  return { name: topic.name, topicId: topic.topicId, partitionResponses }
}

async function append(
  broker: Broker,
  { acks, timeoutMs }: ProduceRequest,
  topic: string,
  { index, records }: PartitionData,
  { apiVersion }: RequestContext,
): Promise<PartitionResponse> {
  if (!isAcks(acks)) throw new KafkaError('INVALID_REQUIRED_ACKS', `acks is 0, 1 or -1 (all), not ${acks}`)
  if (broker.isInternal(topic))
    throw new KafkaError('INVALID_TOPIC_EXCEPTION', `only brokers write to ${topic}`)
  const partition = broker.replicas.get(topic, index)
  if (records === null || records.length === 0)
    throw new KafkaError(
      'INVALID_RECORD',
      'a produce request carries one batch per partition, and this one carries none',
    )
  refuseUnservedBatch(records, apiVersion)
  const result = await partition.append(records, { requiredAcks: acks, timeoutMs })
  const { timestampType } = partition.log.state.config
  return {
    index,
    errorCode: errorCodes.NONE,
    baseOffset: result.baseOffset,
    logAppendTimeMs: timestampType === 'LogAppendTime' ? result.timestamp : -1,
    logStartOffset: partition.log.startOffset,
    recordErrors: [],
  }
}

/** What a batch states about itself that is not for here. One that is no batch is refused later, in better words. */
function refuseUnservedBatch(records: Buffer, apiVersion: number): void {
  if (records.length < recordBatchOverhead || records[magicPosition] !== currentMagic) return
  const batch = new Batch(records)
  if (apiVersion < zstdSince && (batch.attributes & compressionMask) === compressionId('zstd'))
    throw new KafkaError(
      'UNSUPPORTED_COMPRESSION_TYPE',
      `zstd is for clients that produce with version ${zstdSince} or later, and this is version ${apiVersion}`,
    )
  if (batch.isTransactional)
    throw new KafkaError(
      'INVALID_TXN_STATE',
      'transactions are not served here yet: nothing could end the one that the batch belongs to',
    )
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
  error: unknown,
  apiVersion: number,
): PartitionResponse {
  const stated = stateError(error)
  const recordErrors =
    error instanceof InvalidRecordError || error instanceof InvalidTimestampError ? error.recordErrors : []
  const view = topic === undefined ? undefined : broker.view.partition(topic, index)
  const isMoved = stated.errorCode === errorCodes.NOT_LEADER_OR_FOLLOWER && apiVersion >= currentLeaderSince
  return {
    index,
    ...stated,
    baseOffset: -1,
    recordErrors: recordErrors.map(({ index: batchIndex, message }) => ({
      batchIndex,
      batchIndexErrorMessage: message,
    })),
    ...(isMoved && view ? { currentLeader: { leaderId: view.leader, leaderEpoch: view.leaderEpoch } } : {}),
  }
}

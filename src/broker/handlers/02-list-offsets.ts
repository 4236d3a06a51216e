import { errorCodes } from '../../wire/error-codes.ts'
import { KafkaError } from '../../wire/kafka-error.ts'
import {
  type ListOffsetsRequest,
  listOffsetsRequest,
  listOffsetsResponse,
  type ListOffsetsResponseInput,
} from '../../wire/messages/02-list-offsets.ts'
import type { Broker } from '../broker.ts'
import { stateError } from '../error-mapping.ts'
import { handler, type RequestContext } from '../handler.ts'
import { type FoundOffset, type IsolationLevel, isolationLevel, type Partition } from '../partition.ts'
import { repeated } from '../repeated.ts'

type PartitionRequest = ListOffsetsRequest['topics'][number]['partitions'][number]
type PartitionResponse = ListOffsetsResponseInput['topics'][number]['partitions'][number]

/** Timestamps that ask for a place instead, and the version from which each may be asked for. */
const latest = -1
const earliest = -2
const maxTimestamp = { timestamp: -3, since: 7 } as const
const earliestLocal = { timestamp: -4, since: 8 } as const
const latestTiered = { timestamp: -5, since: 9 } as const
const earliestPendingUpload = { timestamp: -6, since: 11 } as const

/** Responses before this version have no leader epoch, and Kafka refuses to encode one into them. */
const leaderEpochSince = 4

/** Finds offsets by timestamp, and the special ones. Nothing is ever tiered here: the local log is all there is. */
export const listOffsets = handler(
  { request: listOffsetsRequest, response: listOffsetsResponse },
  (broker, request, context) => ({
    throttleTimeMs: 0,
    topics: request.topics.map((topic) => ({
      name: topic.name,
      partitions: answerEach(broker, request, topic, context),
    })),
  }),
)

/** Kafka refuses a partition that is asked for more than once, and says so once. */
function answerEach(
  broker: Broker,
  request: ListOffsetsRequest,
  { name, partitions }: ListOffsetsRequest['topics'][number],
  context: RequestContext,
): PartitionResponse[] {
  const unique = new Map(partitions.map((asked) => [asked.partitionIndex, asked]))
  const twice = repeated(partitions.map(({ partitionIndex }) => partitionIndex))
  return [...unique].map(([partitionIndex, asked]) =>
    twice.has(partitionIndex)
      ? { partitionIndex, errorCode: errorCodes.INVALID_REQUEST }
      : answer(broker, request, name, asked, context),
  )
}

function answer(
  broker: Broker,
  request: ListOffsetsRequest,
  topic: string,
  asked: PartitionRequest,
  { apiVersion }: RequestContext,
): PartitionResponse {
  const { partitionIndex, currentLeaderEpoch, timestamp } = asked
  try {
    const partition = broker.replicas.get(topic, partitionIndex)
    partition.mustLead(currentLeaderEpoch)
    const found = find(partition, timestamp, isolationLevel(request.isolationLevel), apiVersion)
    const leaderEpoch = apiVersion >= leaderEpochSince ? found.leaderEpoch : -1
    return { partitionIndex, errorCode: errorCodes.NONE, ...found, leaderEpoch }
  } catch (error) {
    return { partitionIndex, errorCode: stateError(error).errorCode }
  }
}

function find(
  partition: Partition,
  timestamp: number,
  isolation: IsolationLevel,
  apiVersion: number,
): FoundOffset {
  const isAsked = (special: { timestamp: number; since: number }): boolean =>
    timestamp === special.timestamp && apiVersion >= special.since
  if (timestamp === latest) return partition.latestOffset(isolation)
  if (timestamp === earliest || isAsked(earliestLocal)) return partition.earliestOffset()
  if (isAsked(maxTimestamp)) return partition.offsetOfMaxTimestamp(isolation)
  if (isAsked(latestTiered) || isAsked(earliestPendingUpload))
    return { offset: -1, timestamp: -1, leaderEpoch: -1 }
  if (timestamp >= 0) return partition.offsetForTimestamp(timestamp, isolation)
  throw new KafkaError('UNSUPPORTED_VERSION', `the timestamp ${timestamp} has no meaning in this version`)
}

import { errorCodes } from '../../wire/error-codes.ts'
import {
  type OffsetForLeaderEpochRequest,
  offsetForLeaderEpochRequest,
  offsetForLeaderEpochResponse,
  type OffsetForLeaderEpochResponseInput,
} from '../../wire/messages/23-offset-for-leader-epoch.ts'
import type { Broker } from '../broker.ts'
import { stateError } from '../error-mapping.ts'
import { handler } from '../handler.ts'

type PartitionRequest = OffsetForLeaderEpochRequest['topics'][number]['partitions'][number]
type PartitionResponse = OffsetForLeaderEpochResponseInput['topics'][number]['partitions'][number]

/** Says where leader epochs end, by which clients and followers find out what was truncated. */
export const offsetForLeaderEpoch = handler(
  { request: offsetForLeaderEpochRequest, response: offsetForLeaderEpochResponse },
  (broker, { topics }) => ({
    throttleTimeMs: 0,
    topics: topics.map(({ topic, partitions }) => ({
      topic,
      partitions: partitions.map((asked) => answer(broker, topic, asked)),
    })),
  }),
)

function answer(
  broker: Broker,
  topic: string,
  { partition, currentLeaderEpoch, leaderEpoch }: PartitionRequest,
): PartitionResponse {
  try {
    const replica = broker.replicas.get(topic, partition)
    replica.mustLead(currentLeaderEpoch)
    return { errorCode: errorCodes.NONE, partition, ...replica.endOffsetForEpoch(leaderEpoch) }
  } catch (error) {
    return { errorCode: stateError(error).errorCode, partition }
  }
}

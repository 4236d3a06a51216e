import { array, int16, int32, string, struct, uuid } from '../field.ts'
import { type Decoded, type Encodable, request, response } from '../message.ts'

/** Joins, stays in and leaves a consumer group of the new protocol (KIP-848). */
export const consumerGroupHeartbeatRequest = request(
  68,
  'ConsumerGroupHeartbeatRequest',
  '0-1, flexible 0+',
  {
    groupId: string(),
    memberId: string(),
    memberEpoch: int32(),
    instanceId: string().nullable().default(null),
    rackId: string().nullable().default(null),
    rebalanceTimeoutMs: int32().default(-1),
    subscribedTopicNames: array(string()).nullable().default(null),
    subscribedTopicRegex: string().nullable().since(1).default(null),
    serverAssignor: string().nullable().default(null),
    topicPartitions: array({
      topicId: uuid(),
      partitions: array(int32()),
    })
      .nullable()
      .default(null),
  },
)

/** The answer to {@link consumerGroupHeartbeatRequest}. */
export const consumerGroupHeartbeatResponse = response(
  68,
  'ConsumerGroupHeartbeatResponse',
  '0-1, flexible 0+',
  {
    throttleTimeMs: int32(),
    errorCode: int16(),
    errorMessage: string().nullable().default(null),
    memberId: string().nullable().default(null),
    memberEpoch: int32(),
    heartbeatIntervalMs: int32(),
    assignment: struct({
      topicPartitions: array({
        topicId: uuid(),
        partitions: array(int32()),
      }),
    })
      .nullable()
      .default(null),
  },
)

/** The request, decoded. */
export type ConsumerGroupHeartbeatRequest = Decoded<typeof consumerGroupHeartbeatRequest>
/** The request, to be encoded. */
export type ConsumerGroupHeartbeatRequestInput = Encodable<typeof consumerGroupHeartbeatRequest>

/** The response, decoded. */
export type ConsumerGroupHeartbeatResponse = Decoded<typeof consumerGroupHeartbeatResponse>
/** The response, to be encoded. */
export type ConsumerGroupHeartbeatResponseInput = Encodable<typeof consumerGroupHeartbeatResponse>

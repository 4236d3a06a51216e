import { array, int16, int32, string, struct, uuid } from '../field.ts'
import { type Decoded, type Encodable, request, response } from '../message.ts'

/** Joins, stays in and leaves a share group (KIP-932). */
export const shareGroupHeartbeatRequest = request(76, 'ShareGroupHeartbeatRequest', '1, flexible 1+', {
  groupId: string(),
  memberId: string(),
  memberEpoch: int32(),
  rackId: string().nullable().default(null),
  subscribedTopicNames: array(string()).nullable().default(null),
})

/** The answer to {@link shareGroupHeartbeatRequest}. */
export const shareGroupHeartbeatResponse = response(76, 'ShareGroupHeartbeatResponse', '1, flexible 1+', {
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
})

/** The request, decoded. */
export type ShareGroupHeartbeatRequest = Decoded<typeof shareGroupHeartbeatRequest>
/** The request, to be encoded. */
export type ShareGroupHeartbeatRequestInput = Encodable<typeof shareGroupHeartbeatRequest>

/** The response, decoded. */
export type ShareGroupHeartbeatResponse = Decoded<typeof shareGroupHeartbeatResponse>
/** The response, to be encoded. */
export type ShareGroupHeartbeatResponseInput = Encodable<typeof shareGroupHeartbeatResponse>

import { array, int16, int32, string, uint16, uuid } from '../field.ts'
import { type Decoded, type Encodable, request, response } from '../message.ts'

/** Says that the leader of the controller quorum steps down (KIP-595). */
export const endQuorumEpochRequest = request(54, 'EndQuorumEpochRequest', '0-1, flexible 1+', {
  clusterId: string().nullable().default(null),
  topics: array({
    topicName: string(),
    partitions: array({
      partitionIndex: int32(),
      leaderId: int32(),
      leaderEpoch: int32(),
      preferredSuccessors: array(int32()).until(0).ignorable(),
      preferredCandidates: array({
        candidateId: int32(),
        candidateDirectoryId: uuid(),
      })
        .since(1)
        .ignorable(),
    }),
  }),
  leaderEndpoints: array({
    name: string(),
    host: string(),
    port: uint16(),
  })
    .since(1)
    .ignorable(),
})

/** The answer to {@link endQuorumEpochRequest}. */
export const endQuorumEpochResponse = response(54, 'EndQuorumEpochResponse', '0-1, flexible 1+', {
  errorCode: int16(),
  topics: array({
    topicName: string(),
    partitions: array({
      partitionIndex: int32(),
      errorCode: int16(),
      leaderId: int32(),
      leaderEpoch: int32(),
    }),
  }),
  nodeEndpoints: array({
    nodeId: int32(),
    host: string(),
    port: uint16(),
  })
    .since(1)
    .tagged(0),
})

/** The request, decoded. */
export type EndQuorumEpochRequest = Decoded<typeof endQuorumEpochRequest>
/** The request, to be encoded. */
export type EndQuorumEpochRequestInput = Encodable<typeof endQuorumEpochRequest>

/** The response, decoded. */
export type EndQuorumEpochResponse = Decoded<typeof endQuorumEpochResponse>
/** The response, to be encoded. */
export type EndQuorumEpochResponseInput = Encodable<typeof endQuorumEpochResponse>

import { array, int16, int32, string, uint16, uuid } from '../field.ts'
import { type Decoded, type Encodable, request, response } from '../message.ts'

/** Announces the leader of a new epoch of the controller quorum (KIP-595). */
export const beginQuorumEpochRequest = request(53, 'BeginQuorumEpochRequest', '0-1, flexible 1+', {
  clusterId: string().nullable().default(null),
  voterId: int32().since(1).ignorable().default(-1),
  topics: array({
    topicName: string(),
    partitions: array({
      partitionIndex: int32(),
      voterDirectoryId: uuid().since(1).ignorable(),
      leaderId: int32(),
      leaderEpoch: int32(),
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

/** The answer to {@link beginQuorumEpochRequest}. */
export const beginQuorumEpochResponse = response(53, 'BeginQuorumEpochResponse', '0-1, flexible 1+', {
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
export type BeginQuorumEpochRequest = Decoded<typeof beginQuorumEpochRequest>
/** The request, to be encoded. */
export type BeginQuorumEpochRequestInput = Encodable<typeof beginQuorumEpochRequest>

/** The response, decoded. */
export type BeginQuorumEpochResponse = Decoded<typeof beginQuorumEpochResponse>
/** The response, to be encoded. */
export type BeginQuorumEpochResponseInput = Encodable<typeof beginQuorumEpochResponse>

import { array, bool, int16, int32, int64, string, uint16, uuid } from '../field.ts'
import { type Decoded, type Encodable, request, response } from '../message.ts'

/** Asks for a vote in an election of the controller quorum (KIP-595). */
export const voteRequest = request(52, 'VoteRequest', '0-2, flexible 0+', {
  clusterId: string().nullable().default(null),
  voterId: int32().since(1).ignorable().default(-1),
  topics: array({
    topicName: string(),
    partitions: array({
      partitionIndex: int32(),
      replicaEpoch: int32(),
      replicaId: int32(),
      replicaDirectoryId: uuid().since(1).ignorable(),
      voterDirectoryId: uuid().since(1).ignorable(),
      lastOffsetEpoch: int32(),
      lastOffset: int64(),
      preVote: bool().since(2),
    }),
  }),
})

/** The answer to {@link voteRequest}. */
export const voteResponse = response(52, 'VoteResponse', '0-2, flexible 0+', {
  errorCode: int16(),
  topics: array({
    topicName: string(),
    partitions: array({
      partitionIndex: int32(),
      errorCode: int16(),
      leaderId: int32(),
      leaderEpoch: int32(),
      voteGranted: bool(),
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
export type VoteRequest = Decoded<typeof voteRequest>
/** The request, to be encoded. */
export type VoteRequestInput = Encodable<typeof voteRequest>

/** The response, decoded. */
export type VoteResponse = Decoded<typeof voteResponse>
/** The response, to be encoded. */
export type VoteResponseInput = Encodable<typeof voteResponse>

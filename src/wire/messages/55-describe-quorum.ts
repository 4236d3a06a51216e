import { array, int16, int32, int64, string, struct, uint16, uuid } from '../field.ts'
import { type Decoded, type Encodable, request, response } from '../message.ts'

/** Asks for the state of the controller quorum (KIP-595). */
export const describeQuorumRequest = request(55, 'DescribeQuorumRequest', '0-2, flexible 0+', {
  topics: array({
    topicName: string(),
    partitions: array({
      partitionIndex: int32(),
    }),
  }),
})

const replicaState = struct({
  replicaId: int32(),
  replicaDirectoryId: uuid().since(2),
  logEndOffset: int64(),
  lastFetchTimestamp: int64().since(1).ignorable().default(-1),
  lastCaughtUpTimestamp: int64().since(1).ignorable().default(-1),
})

/** The answer to {@link describeQuorumRequest}. */
export const describeQuorumResponse = response(55, 'DescribeQuorumResponse', '0-2, flexible 0+', {
  errorCode: int16(),
  errorMessage: string().nullable().since(2).ignorable(),
  topics: array({
    topicName: string(),
    partitions: array({
      partitionIndex: int32(),
      errorCode: int16(),
      errorMessage: string().nullable().since(2).ignorable(),
      leaderId: int32(),
      leaderEpoch: int32(),
      highWatermark: int64(),
      currentVoters: array(replicaState),
      observers: array(replicaState),
    }),
  }),
  nodes: array({
    nodeId: int32(),
    listeners: array({
      name: string(),
      host: string(),
      port: uint16(),
    }),
  }).since(2),
})

/** The request, decoded. */
export type DescribeQuorumRequest = Decoded<typeof describeQuorumRequest>
/** The request, to be encoded. */
export type DescribeQuorumRequestInput = Encodable<typeof describeQuorumRequest>

/** The response, decoded. */
export type DescribeQuorumResponse = Decoded<typeof describeQuorumResponse>
/** The response, to be encoded. */
export type DescribeQuorumResponseInput = Encodable<typeof describeQuorumResponse>

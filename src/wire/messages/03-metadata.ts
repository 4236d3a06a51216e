import { array, bool, int16, int32, string, uuid } from '../field.ts'
import { type Decoded, type Encodable, request, response } from '../message.ts'

/** Asks for brokers, topics and the leaders of partitions. */
export const metadataRequest = request(3, 'MetadataRequest', '0-13, flexible 9+', {
  topics: array({
    topicId: uuid().since(10).ignorable(),
    name: string().nullable(10),
  }).nullable(1),
  allowAutoTopicCreation: bool().since(4).default(true),
  includeClusterAuthorizedOperations: bool().since(8).until(10),
  includeTopicAuthorizedOperations: bool().since(8),
})

/** The answer to {@link metadataRequest}. */
export const metadataResponse = response(3, 'MetadataResponse', '0-13, flexible 9+', {
  throttleTimeMs: int32().since(3).ignorable(),
  brokers: array({
    nodeId: int32(),
    host: string(),
    port: int32(),
    rack: string().nullable().since(1).ignorable().default(null),
  }),
  clusterId: string().nullable().since(2).ignorable().default(null),
  controllerId: int32().since(1).ignorable().default(-1),
  topics: array({
    errorCode: int16(),
    name: string().nullable(12),
    topicId: uuid().since(10).ignorable(),
    isInternal: bool().since(1).ignorable().default(false),
    partitions: array({
      errorCode: int16(),
      partitionIndex: int32(),
      leaderId: int32(),
      leaderEpoch: int32().since(7).ignorable().default(-1),
      replicaNodes: array(int32()),
      isrNodes: array(int32()),
      offlineReplicas: array(int32()).since(5).ignorable(),
    }),
    topicAuthorizedOperations: int32().since(8).default(-2147483648),
  }),
  clusterAuthorizedOperations: int32().since(8).until(10).default(-2147483648),
  errorCode: int16().since(13).ignorable(),
})

/** The request, decoded. */
export type MetadataRequest = Decoded<typeof metadataRequest>
/** The request, to be encoded. */
export type MetadataRequestInput = Encodable<typeof metadataRequest>

/** The response, decoded. */
export type MetadataResponse = Decoded<typeof metadataResponse>
/** The response, to be encoded. */
export type MetadataResponseInput = Encodable<typeof metadataResponse>

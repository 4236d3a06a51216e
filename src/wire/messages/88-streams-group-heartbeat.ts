import { array, bool, int16, int32, int64, int8, string, struct, uint16 } from '../field.ts'
import { type Decoded, type Encodable, request, response } from '../message.ts'

const keyValue = struct({
  key: string(),
  value: string(),
})

const topicInfo = struct({
  name: string(),
  partitions: int32(),
  replicationFactor: int16(),
  topicConfigs: array(keyValue),
})

const taskIds = struct({
  subtopologyId: string(),
  partitions: array(int32()),
})

const taskOffset = struct({
  subtopologyId: string(),
  partition: int32(),
  offset: int64(),
})

/** Joins, stays in and leaves a streams group (KIP-1071). */
export const streamsGroupHeartbeatRequest = request(88, 'StreamsGroupHeartbeatRequest', '0, flexible 0+', {
  groupId: string(),
  memberId: string(),
  memberEpoch: int32(),
  endpointInformationEpoch: int32(),
  instanceId: string().nullable().default(null),
  rackId: string().nullable().default(null),
  rebalanceTimeoutMs: int32().default(-1),
  topology: struct({
    epoch: int32(),
    subtopologies: array({
      subtopologyId: string(),
      sourceTopics: array(string()),
      sourceTopicRegex: array(string()),
      stateChangelogTopics: array(topicInfo),
      repartitionSinkTopics: array(string()),
      repartitionSourceTopics: array(topicInfo),
      copartitionGroups: array({
        sourceTopics: array(int16()),
        sourceTopicRegex: array(int16()),
        repartitionSourceTopics: array(int16()),
      }),
    }),
  })
    .nullable()
    .default(null),
  activeTasks: array(taskIds).nullable().default(null),
  standbyTasks: array(taskIds).nullable().default(null),
  warmupTasks: array(taskIds).nullable().default(null),
  processId: string().nullable().default(null),
  userEndpoint: struct({
    host: string(),
    port: uint16(),
  })
    .nullable()
    .default(null),
  clientTags: array(keyValue).nullable().default(null),
  taskOffsets: array(taskOffset).nullable().default(null),
  taskEndOffsets: array(taskOffset).nullable().default(null),
  shutdownApplication: bool().default(false),
})

const topicPartition = struct({
  topic: string(),
  partitions: array(int32()),
})

/** The answer to {@link streamsGroupHeartbeatRequest}. */
export const streamsGroupHeartbeatResponse = response(88, 'StreamsGroupHeartbeatResponse', '0, flexible 0+', {
  throttleTimeMs: int32(),
  errorCode: int16(),
  errorMessage: string().nullable().default(null),
  memberId: string(),
  memberEpoch: int32(),
  heartbeatIntervalMs: int32(),
  acceptableRecoveryLag: int32(),
  taskOffsetIntervalMs: int32(),
  status: array({
    statusCode: int8(),
    statusDetail: string(),
  }).nullable(),
  activeTasks: array(taskIds).nullable().default(null),
  standbyTasks: array(taskIds).nullable().default(null),
  warmupTasks: array(taskIds).nullable().default(null),
  endpointInformationEpoch: int32(),
  partitionsByUserEndpoint: array({
    userEndpoint: struct({
      host: string(),
      port: uint16(),
    }),
    activePartitions: array(topicPartition),
    standbyPartitions: array(topicPartition),
  })
    .nullable()
    .default(null),
})

/** The request, decoded. */
export type StreamsGroupHeartbeatRequest = Decoded<typeof streamsGroupHeartbeatRequest>
/** The request, to be encoded. */
export type StreamsGroupHeartbeatRequestInput = Encodable<typeof streamsGroupHeartbeatRequest>

/** The response, decoded. */
export type StreamsGroupHeartbeatResponse = Decoded<typeof streamsGroupHeartbeatResponse>
/** The response, to be encoded. */
export type StreamsGroupHeartbeatResponseInput = Encodable<typeof streamsGroupHeartbeatResponse>

import { array, bool, int16, int32, int64, string, struct, uint16 } from '../field.ts'
import { type Decoded, type Encodable, request, response } from '../message.ts'

/** Asks for the state of streams groups (KIP-1071). */
export const streamsGroupDescribeRequest = request(89, 'StreamsGroupDescribeRequest', '0, flexible 0+', {
  groupIds: array(string()),
  includeAuthorizedOperations: bool(),
})

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

const taskOffset = struct({
  subtopologyId: string(),
  partition: int32(),
  offset: int64(),
})

const taskIds = struct({
  subtopologyId: string(),
  partitions: array(int32()),
})

const assignment = struct({
  activeTasks: array(taskIds),
  standbyTasks: array(taskIds),
  warmupTasks: array(taskIds),
})

/** The answer to {@link streamsGroupDescribeRequest}. */
export const streamsGroupDescribeResponse = response(89, 'StreamsGroupDescribeResponse', '0, flexible 0+', {
  throttleTimeMs: int32(),
  groups: array({
    errorCode: int16(),
    errorMessage: string().nullable().default(null),
    groupId: string(),
    groupState: string(),
    groupEpoch: int32(),
    assignmentEpoch: int32(),
    topology: struct({
      epoch: int32(),
      subtopologies: array({
        subtopologyId: string(),
        sourceTopics: array(string()),
        repartitionSinkTopics: array(string()),
        stateChangelogTopics: array(topicInfo),
        repartitionSourceTopics: array(topicInfo),
      })
        .nullable()
        .default(null),
    })
      .nullable()
      .default(null),
    members: array({
      memberId: string(),
      memberEpoch: int32(),
      instanceId: string().nullable().default(null),
      rackId: string().nullable().default(null),
      clientId: string(),
      clientHost: string(),
      topologyEpoch: int32(),
      processId: string(),
      userEndpoint: struct({
        host: string(),
        port: uint16(),
      })
        .nullable()
        .default(null),
      clientTags: array(keyValue),
      taskOffsets: array(taskOffset),
      taskEndOffsets: array(taskOffset),
      assignment: assignment,
      targetAssignment: assignment,
      isClassic: bool(),
    }),
    authorizedOperations: int32().default(-2147483648),
  }),
})

/** The request, decoded. */
export type StreamsGroupDescribeRequest = Decoded<typeof streamsGroupDescribeRequest>
/** The request, to be encoded. */
export type StreamsGroupDescribeRequestInput = Encodable<typeof streamsGroupDescribeRequest>

/** The response, decoded. */
export type StreamsGroupDescribeResponse = Decoded<typeof streamsGroupDescribeResponse>
/** The response, to be encoded. */
export type StreamsGroupDescribeResponseInput = Encodable<typeof streamsGroupDescribeResponse>

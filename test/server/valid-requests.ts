import { encodeBatch } from '../../src/batch/encode-batch.ts'
import { subscription } from '../unit/broker/groups/group-harness.ts'

/** What a request speaks of: all of it is there, but for `newTopic`, or none of it. */
export interface Named {
  readonly topic: string
  readonly topicId: string
  /** A topic that nobody will miss. */
  readonly spareTopic: string
  readonly newTopic: string
  /** A group with one member, and the member. */
  readonly groupId: string
  readonly memberId: string
  readonly generationId: number
  /** A group without members that has committed an offset of the topic. */
  readonly idleGroup: string
}

type Body = Readonly<Record<string, unknown>>

const timeoutMs = 1000
const topicType = 2
const partition = 0
const partitions = [partition]
const config = { name: 'retention.ms', value: '3600000', configOperation: 0 }

/** A request of each API that is served, with all that any of its versions can say. By Kafka's names. */
export const validRequests: Readonly<Record<string, (named: Named) => Body>> = {
  Produce: ({ topic, topicId }) => {
    const partitionData = [{ index: partition, records: oneRecord() }]
    return {
      transactionalId: null,
      acks: -1,
      timeoutMs,
      topicData: [{ name: topic, topicId, partitionData }],
    }
  },
  Fetch: ({ topic, topicId }) => ({
    ...{ maxWaitMs: 0, minBytes: 0, maxBytes: 1000, isolationLevel: 1, sessionId: 0, sessionEpoch: 0 },
    topics: [{ topic, topicId, partitions: [{ partition, fetchOffset: 0, partitionMaxBytes: 1000 }] }],
    ...{ forgottenTopicsData: [], rackId: 'here' },
  }),
  ListOffsets: ({ topic }) => ({
    ...{ replicaId: -1, isolationLevel: 1, timeoutMs },
    topics: [{ name: topic, partitions: [{ partitionIndex: partition, timestamp: -1 }] }],
  }),
  Metadata: ({ topic }) => ({
    ...{ topics: [{ name: topic }], allowAutoTopicCreation: false },
    ...{ includeClusterAuthorizedOperations: true, includeTopicAuthorizedOperations: true },
  }),
  OffsetCommit: ({ topic, topicId, groupId, memberId, generationId }) => ({
    ...{ groupId, memberId, generationIdOrMemberEpoch: generationId, retentionTimeMs: -1 },
    topics: [{ name: topic, topicId, partitions: [committedPartition] }],
  }),
  OffsetFetch: ({ topic, topicId, idleGroup }) => {
    const topics = [{ name: topic, topicId, partitionIndexes: partitions }]
    return { groupId: idleGroup, topics, groups: [{ groupId: idleGroup, topics }], requireStable: true }
  },
  FindCoordinator: ({ groupId }) => ({ key: groupId, keyType: 0, coordinatorKeys: [groupId] }),
  // A group of its own: in another's it would have to wait for the member that is there.
  JoinGroup: ({ newTopic }) => joinBody(`group of ${newTopic}`, newTopic),
  Heartbeat: ({ groupId, generationId, memberId }) => ({ groupId, generationId, memberId }),
  LeaveGroup: ({ groupId, memberId }) => ({ groupId, memberId, members: [{ memberId, reason: 'enough' }] }),
  SyncGroup: ({ groupId, generationId, memberId }) => ({
    ...{ groupId, generationId, memberId, protocolType: 'consumer', protocolName: 'range', assignments: [] },
  }),
  DescribeGroups: ({ groupId }) => ({ groups: [groupId], includeAuthorizedOperations: true }),
  ListGroups: () => ({ statesFilter: ['Stable'], typesFilter: ['classic'] }),
  ApiVersions: () => ({ clientSoftwareName: 'test', clientSoftwareVersion: '1' }),
  CreateTopics: ({ newTopic }) => {
    const configs = [{ name: config.name, value: config.value }]
    const topic = { name: newTopic, numPartitions: 1, replicationFactor: 1, assignments: [], configs }
    return { topics: [topic], timeoutMs, validateOnly: false }
  },
  DeleteTopics: ({ spareTopic }) => ({ topics: [{ name: spareTopic }], topicNames: [spareTopic], timeoutMs }),
  DeleteRecords: ({ topic }) => ({
    ...{ topics: [{ name: topic, partitions: [{ partitionIndex: partition, offset: 0 }] }], timeoutMs },
  }),
  InitProducerId: () => ({ transactionalId: null, transactionTimeoutMs: timeoutMs }),
  OffsetForLeaderEpoch: ({ topic }) => ({ topics: [{ topic, partitions: [{ partition, leaderEpoch: 0 }] }] }),
  DescribeConfigs: ({ topic }) => ({
    resources: [{ resourceType: topicType, resourceName: topic, configurationKeys: null }],
    ...{ includeSynonyms: true, includeDocumentation: true },
  }),
  AlterConfigs: ({ topic }) => alterBody(topic),
  AlterReplicaLogDirs: ({ topic }) => ({ dirs: [{ path: '/data', topics: [{ name: topic, partitions }] }] }),
  DescribeLogDirs: ({ topic }) => ({ topics: [{ topic, partitions }] }),
  CreatePartitions: ({ spareTopic }) => ({
    ...{ topics: [{ name: spareTopic, count: 2, assignments: null }], timeoutMs, validateOnly: false },
  }),
  DeleteGroups: ({ idleGroup }) => ({ groupsNames: [idleGroup] }),
  ElectLeaders: ({ topic }) => ({ electionType: 0, topicPartitions: [{ topic, partitions }], timeoutMs }),
  IncrementalAlterConfigs: ({ topic }) => alterBody(topic),
  OffsetDelete: ({ topic, idleGroup }) => ({
    ...{ groupId: idleGroup, topics: [{ name: topic, partitions: [{ partitionIndex: partition }] }] },
  }),
  DescribeCluster: () => ({
    ...{ includeClusterAuthorizedOperations: true, endpointType: 1, includeFencedBrokers: true },
  }),
  DescribeProducers: ({ topic }) => ({ topics: [{ name: topic, partitionIndexes: partitions }] }),
  ListConfigResources: () => ({ resourceTypes: [] }),
  DescribeTopicPartitions: ({ topic }) => ({
    ...{ topics: [{ name: topic }], responsePartitionLimit: 10, cursor: null },
  }),
}

/** What may be answered, besides NONE, to a request with which nothing is wrong. */
export const otherGoodAnswers: Readonly<Record<string, string>> = {
  JoinGroup: 'MEMBER_ID_REQUIRED',
  ElectLeaders: 'ELECTION_NOT_NEEDED',
}

/** An offset of partition 0, as it is committed. */
export const committedPartition = {
  ...{ partitionIndex: partition, committedOffset: 1, committedLeaderEpoch: 0 },
  committedMetadata: 'as far as this',
}

/** What an only member joins with. */
export function joinBody(groupId: string, topic: string) {
  const protocols = [{ name: 'range', metadata: subscription(topic) }]
  return {
    ...{ groupId, memberId: '', sessionTimeoutMs: 10_000, rebalanceTimeoutMs: 10_000 },
    ...{ protocolType: 'consumer', protocols, reason: 'to begin with' },
  }
}

function alterBody(topic: string): Body {
  const resources = [{ resourceType: topicType, resourceName: topic, configs: [config] }]
  return { resources, validateOnly: false }
}

function oneRecord(): Buffer {
  return encodeBatch([{ key: 'k', value: 'v', headers: [['h', 'x']] }], { now: 0 })
}

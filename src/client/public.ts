/**
 * `tidemark/client`: producers, consumers and administration of any cluster that speaks Kafka's protocol, Apache Kafka or Tidemark.
 * It loads no storage engine.
 *
 * ```ts
 * import { Admin, ClusterClient, Consumer, Producer } from 'tidemark/client'
 *
 * using client = new ClusterClient({ bootstrapServers: 'localhost:9092' })
 * await using producer = new Producer<string, object>(client, { key: 'string', value: 'json' })
 * await producer.send({ topic: 'orders', key: 'k', value: { total: 3 } })
 * ```
 *
 * One client serves any number of producers, consumers and admins; it is closed after them.
 *
 * @module
 */
export {
  BufferFullError,
  ClosedError,
  CodecUnavailableError,
  ConnectionError,
  CorruptionError,
  DeserializationError,
  type ErrorCode,
  NoPositionError,
  RecordTooLargeError,
  SerializationError,
  TidemarkError,
  TimeoutError,
  UnsupportedVersionError,
  WireError,
} from '../base/errors.ts'
export type { Bytes, HeadersInput } from '../batch/record-input.ts'
export { type ErrorName, errorCodes, errorName, isRetriable } from '../wire/error-codes.ts'
export { KafkaError, type KafkaErrorName } from '../wire/kafka-error.ts'

// A cluster that can be asked, for those who speak the protocol themselves: with `tidemark/protocol` and `rpc`.
export type { ClientLimitOptions, ClientLimits } from './cluster/client-options.ts'
export {
  type ClusterCallOptions,
  ClusterClient,
  type ClusterClientOptions,
  type LinkOptions,
  type Target,
} from './cluster/cluster-client.ts'
export type {
  BrokerNode,
  ClusterMetadata,
  TopicMetadata,
  TopicPartition,
} from './cluster/cluster-metadata.ts'
export type { KnownPartition, KnownTopic } from './cluster/known-topic.ts'
export type { TopicDirectory, TopicLookup, TopicNeed } from './cluster/topic-directory.ts'
export type { BrokerAddress } from './network/broker-address.ts'
export { UntrustedBrokerError } from './network/connection-failure.ts'
export type { TlsOptions, TlsSettings } from './network/dial.ts'
export { type Rpc, rpc, type ServedVersions, type VersionRange } from './network/rpc.ts'
export { TcpTransport, type TcpTransportOptions } from './network/tcp-transport.ts'
export type { BrokerLink, CallInput, CallOptions, Transport } from './network/transport.ts'

// Producing
export type { ProducerInterceptor } from './producer/interceptors.ts'
export { type PartitionedRecord, type Partitioner, partitionOfKey } from './producer/partitioner.ts'
export {
  type KafkaProducerOptions,
  Producer,
  type ProducerMetrics,
  type ProducerOptions,
  type ProducerRecord,
  type RecordMetadata,
} from './producer/producer.ts'
export type { SendFromOptions } from './producer/send-from.ts'

// Consuming
export type { ConsumedBatch, ConsumedRecord } from './consumer/consumed-record.ts'
export type { ConsumerInterceptor } from './consumer/consumer-interceptors.ts'
export {
  type CloseOptions,
  Consumer,
  type ConsumerMetrics,
  type ConsumerOptions,
  type PartitionOffset,
  type PartitionToAssign,
  type RebalanceListener,
  type SeekTarget,
  type WaitOptions,
} from './consumer/consumer.ts'
export type { FoundOffset } from './cluster/offset-lookup.ts'
export type {
  Assignor,
  AssignorCluster,
  MemberAssignment,
  MemberSubscription,
  RebalanceProtocol,
} from './group/assignor.ts'
export type { GroupGeneration } from './group/group-membership.ts'
export type { CommittedOffset, OffsetToCommit } from './group/group-offsets.ts'
export type { AssignorName } from './group/membership-options.ts'

// Mirroring
export {
  Mirror,
  type MirroredPartition,
  type MirrorOptions,
  type MirrorProgress,
  type MirrorReport,
} from './mirror/mirror.ts'
export { MirrorConflictError } from './mirror/mirror-conflict.ts'
export type { MirrorEnd, MirrorProducer } from './mirror/mirror-end.ts'

// Keys and values
export type { FormatName } from './serialization/formats.ts'
export type { PerTopic } from './serialization/per-topic.ts'
export type {
  Deserializer,
  DeserializerOption,
  SerializationContext,
  Serializer,
  SerializerOption,
} from './serialization/serializer.ts'

// Administration
export { Admin } from './admin/admin.ts'
export { AdminError } from './admin/admin-error.ts'
export type { ChangedConfigs, ConfigChange } from './admin/alter-configs.ts'
export type {
  BrokerDescription,
  BrokerLogDirs,
  ClusterDescription,
  LogDir,
  ReplicaInfo,
} from './admin/cluster.ts'
export type { ConfigResource, ConfigResourceType } from './admin/config-resource.ts'
export type { ConfigValue } from './admin/config-value.ts'
export type {
  ConfigDescription,
  ConfigEntry,
  ConfigQuery,
  ConfigSource,
  ConfigSynonym,
  ConfigType,
  DescribeConfigsOptions,
} from './admin/describe-configs.ts'
export type { GroupDescription, GroupMember } from './admin/describe-groups.ts'
export type {
  InternalTopics,
  PartitionDescription,
  TopicDescription,
  TopicListing,
} from './admin/describe-topics.ts'
export type { ElectedLeader, ElectionType } from './admin/elect-leaders.ts'
export type { ChangedGroupOffset, ListGroupOffsetsOptions } from './admin/group-offsets.ts'
export type {
  DeletedGroup,
  GroupListing,
  GroupState,
  GroupType,
  ListGroupsOptions,
} from './admin/groups.ts'
export type { AdminOptions, ItemOptions, ItemResult } from './admin/item-results.ts'
export type { ListedOffset, ListOffsetsOptions, OffsetQuery, OffsetSpec } from './admin/list-offsets.ts'
export type { OffsetTarget } from './admin/offset-targets.ts'
export type { DeletedRecords, ProducerState, ProducerStates, RecordsToDelete } from './admin/records.ts'
export type { ResetGroupOffset, ResetGroupOffsetsOptions, ResetTarget } from './admin/reset-group-offsets.ts'
export type {
  ChangeOptions,
  CreatedTopic,
  DeletedTopic,
  ExtendedTopic,
  NewPartitions,
  NewTopic,
  TopicNameOrId,
} from './admin/topics.ts'

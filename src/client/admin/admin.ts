import type { ClusterClient } from '../cluster/cluster-client.ts'
import type { TopicPartition } from '../cluster/cluster-metadata.ts'
import { type BrokerLogDirs, type ClusterDescription, describeCluster, describeLogDirs } from './cluster.ts'
import type { CommittedOffset, OffsetToCommit } from '../group/group-offsets.ts'
import { alterConfigs, type ChangedConfigs, type ConfigChange } from './alter-configs.ts'
import {
  type ConfigDescription,
  type ConfigQuery,
  describeConfigs,
  type DescribeConfigsOptions,
} from './describe-configs.ts'
import { describeGroups, type GroupDescription } from './describe-groups.ts'
import {
  describeTopics,
  type InternalTopics,
  listTopics,
  type TopicDescription,
  type TopicListing,
} from './describe-topics.ts'
import { type ElectedLeader, type ElectionType, electLeaders } from './elect-leaders.ts'
import {
  alterGroupOffsets,
  type ChangedGroupOffset,
  deleteGroupOffsets,
  listGroupOffsets,
  type ListGroupOffsetsOptions,
} from './group-offsets.ts'
import {
  type DeletedGroup,
  deleteGroups,
  type GroupListing,
  listGroups,
  type ListGroupsOptions,
} from './groups.ts'
import type { AdminOptions, ItemOptions } from './item-results.ts'
import { type ListedOffset, listOffsets, type ListOffsetsOptions, type OffsetQuery } from './list-offsets.ts'
import {
  type DeletedRecords,
  deleteRecords,
  describeProducers,
  type ProducerStates,
  type RecordsToDelete,
} from './records.ts'
import {
  type ResetGroupOffset,
  resetGroupOffsets,
  type ResetGroupOffsetsOptions,
} from './reset-group-offsets.ts'
import {
  type ChangeOptions,
  type CreatedTopic,
  createPartitions,
  createTopics,
  type DeletedTopic,
  deleteTopics,
  type ExtendedTopic,
  type NewPartitions,
  type NewTopic,
  type TopicNameOrId,
} from './topics.ts'

/**
 * Looks at a cluster and changes it: topics, configs, groups and their offsets, records, brokers.
 *
 * Methods that ask for several things resolve to a result for each, in the order in which they were asked for. If one fails,
 * the others are done all the same, and the method rejects: with its KafkaError, or with an AggregateError if several
 * fail. With `throwOnError: false` it resolves, and each result tells its own `error`.
 *
 * Each request goes to the brokers that answer for it, and again while that may help, until the client's `apiTimeoutMs` is over.
 * What a lost connection left in doubt is asked for again as well: a topic may thus be found to exist already that this very
 * call has created.
 *
 * Every method may also reject with a ConnectionError or TimeoutError when nobody could be asked, an
 * UnsupportedVersionError when a broker is too old for it, a ClosedError, or the reason of its signal.
 */
export class Admin {
  readonly #client: ClusterClient

  /** The client stays the caller's, to be closed by the caller. */
  constructor(client: ClusterClient) {
    this.#client = client
  }

  /**
   * Creates topics.
   *
   * @throws KafkaError TOPIC_ALREADY_EXISTS, INVALID_TOPIC_EXCEPTION, INVALID_CONFIG, INVALID_REPLICATION_FACTOR and so on
   */
  async createTopics(topics: readonly NewTopic[], options?: ChangeOptions): Promise<CreatedTopic[]> {
    return await createTopics(this.#client, topics, options)
  }

  /**
   * Deletes topics, by name or id, with all their records.
   *
   * @throws KafkaError UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_TOPIC_ID, TOPIC_DELETION_DISABLED
   */
  async deleteTopics(topics: readonly TopicNameOrId[], options?: ItemOptions): Promise<DeletedTopic[]> {
    return await deleteTopics(this.#client, topics, options)
  }

  /** All topics but the internal ones, in the order of their names. */
  async listTopics(options?: AdminOptions & InternalTopics): Promise<TopicListing[]> {
    return await listTopics(this.#client, options)
  }

  /**
   * Topics with their partitions, leaders and replicas; `null` asks for all but the internal ones.
   *
   * @throws KafkaError UNKNOWN_TOPIC_OR_PARTITION
   */
  async describeTopics(
    names: readonly string[] | null,
    options?: ItemOptions & InternalTopics,
  ): Promise<TopicDescription[]> {
    return await describeTopics(this.#client, names, options)
  }

  /**
   * Gives topics more partitions. Keys then fall on other partitions than before.
   *
   * @throws KafkaError UNKNOWN_TOPIC_OR_PARTITION, INVALID_PARTITIONS, INVALID_REPLICA_ASSIGNMENT
   */
  async createPartitions(
    topics: readonly NewPartitions[],
    options?: ChangeOptions,
  ): Promise<ExtendedTopic[]> {
    return await createPartitions(this.#client, topics, options)
  }

  /**
   * The configs of topics, brokers and groups as they apply, and where each value comes from.
   *
   * @throws KafkaError UNKNOWN_TOPIC_OR_PARTITION, INVALID_REQUEST, BROKER_NOT_AVAILABLE
   */
  async describeConfigs(
    resources: readonly ConfigQuery[],
    options?: DescribeConfigsOptions,
  ): Promise<ConfigDescription[]> {
    return await describeConfigs(this.#client, resources, options)
  }

  /**
   * Sets, takes back, extends or shortens single configs; all others stay as they are. Of one resource all changes are made or none.
   *
   * @throws KafkaError INVALID_CONFIG, INVALID_REQUEST, UNKNOWN_TOPIC_OR_PARTITION
   */
  async alterConfigs(changes: readonly ConfigChange[], options?: ChangeOptions): Promise<ChangedConfigs[]> {
    return await alterConfigs(this.#client, changes, options)
  }

  /** The groups of all brokers, in the order of their names. Rejects if one of the brokers does not answer. */
  async listGroups(options?: ListGroupsOptions): Promise<GroupListing[]> {
    return await listGroups(this.#client, options)
  }

  /**
   * Groups with their members and what each consumes; of the classic protocol and of the newer one (KIP-848).
   *
   * @throws KafkaError GROUP_ID_NOT_FOUND
   */
  async describeGroups(groupIds: readonly string[], options?: ItemOptions): Promise<GroupDescription[]> {
    return await describeGroups(this.#client, groupIds, options)
  }

  /**
   * Deletes groups that nobody is in, with the offsets that they have committed.
   *
   * @throws KafkaError NON_EMPTY_GROUP, GROUP_ID_NOT_FOUND
   */
  async deleteGroups(groupIds: readonly string[], options?: ItemOptions): Promise<DeletedGroup[]> {
    return await deleteGroups(this.#client, groupIds, options)
  }

  /** The offsets that a group has committed, in order; of one that does not exist, none. */
  async listGroupOffsets(groupId: string, options?: ListGroupOffsetsOptions): Promise<CommittedOffset[]> {
    return await listGroupOffsets(this.#client, groupId, options)
  }

  /**
   * Sets where a group goes on, for a group that nobody is in; one that does not exist begins to. The offsets are taken as they
   * are: see {@link resetGroupOffsets} for places that are looked for.
   *
   * @throws KafkaError UNKNOWN_MEMBER_ID when the group has members
   */
  async alterGroupOffsets(
    groupId: string,
    offsets: readonly OffsetToCommit[],
    options?: ItemOptions,
  ): Promise<ChangedGroupOffset[]> {
    return await alterGroupOffsets(this.#client, groupId, offsets, options)
  }

  /**
   * Makes a group forget its offsets in partitions of topics that none of its members consumes.
   *
   * @throws KafkaError GROUP_ID_NOT_FOUND, GROUP_SUBSCRIBED_TO_TOPIC
   */
  async deleteGroupOffsets(
    groupId: string,
    partitions: readonly TopicPartition[],
    options?: ItemOptions,
  ): Promise<ChangedGroupOffset[]> {
    return await deleteGroupOffsets(this.#client, groupId, partitions, options)
  }

  /**
   * Sets where a group that nobody is in goes on: at the first records, the ends, a time, an offset, or so many offsets from where it
   * is. An offset outside its partition becomes the nearest one inside. With `dryRun` nothing is changed.
   *
   * @throws KafkaError NON_EMPTY_GROUP when the group has members, whatever `throwOnError` says; INVALID_REQUEST for a
   *   partition without an offset to shift from
   */
  async resetGroupOffsets(groupId: string, options: ResetGroupOffsetsOptions): Promise<ResetGroupOffset[]> {
    return await resetGroupOffsets(this.#client, groupId, options)
  }

  /**
   * The offsets of places in partitions. One partition may be asked for several places.
   *
   * @throws KafkaError UNKNOWN_TOPIC_OR_PARTITION, LEADER_NOT_AVAILABLE
   */
  async listOffsets(queries: readonly OffsetQuery[], options?: ListOffsetsOptions): Promise<ListedOffset[]> {
    return await listOffsets(this.#client, queries, options)
  }

  /**
   * Deletes the records before an offset, for good: each partition then begins there.
   *
   * @throws KafkaError OFFSET_OUT_OF_RANGE, POLICY_VIOLATION for a topic that is only compacted, UNKNOWN_TOPIC_OR_PARTITION
   */
  async deleteRecords(
    partitions: readonly RecordsToDelete[],
    options?: ItemOptions,
  ): Promise<DeletedRecords[]> {
    return await deleteRecords(this.#client, partitions, options)
  }

  /** The cluster's id, its brokers, and which of them decides for it. */
  async describeCluster(options?: AdminOptions): Promise<ClusterDescription> {
    return await describeCluster(this.#client, options)
  }

  /**
   * What the directories of brokers hold, and how much room there is; `null` asks all brokers. A directory that failed tells its own
   * `error`, for which nothing is thrown.
   *
   * @throws KafkaError BROKER_NOT_AVAILABLE
   */
  async describeLogDirs(nodeIds: readonly number[] | null, options?: ItemOptions): Promise<BrokerLogDirs[]> {
    return await describeLogDirs(this.#client, nodeIds, options)
  }

  /**
   * The producers that the leaders of partitions remember, and their open transactions (KIP-664).
   *
   * @throws KafkaError UNKNOWN_TOPIC_OR_PARTITION, LEADER_NOT_AVAILABLE
   */
  async describeProducers(
    partitions: readonly TopicPartition[],
    options?: ItemOptions,
  ): Promise<ProducerStates[]> {
    return await describeProducers(this.#client, partitions, options)
  }

  /**
   * Elects leaders of partitions anew. `null` does so for all partitions that need it, and only these are told of.
   *
   * @throws KafkaError PREFERRED_LEADER_NOT_AVAILABLE, ELIGIBLE_LEADERS_NOT_AVAILABLE, UNKNOWN_TOPIC_OR_PARTITION
   */
  async electLeaders(
    type: ElectionType,
    partitions: readonly TopicPartition[] | null,
    options?: ItemOptions,
  ): Promise<ElectedLeader[]> {
    return await electLeaders(this.#client, type, partitions, options)
  }
}

import { MetadataConflictError } from '../base/errors.ts'
import { SerialQueue } from '../base/serial-queue.ts'
import { validTopicName } from '../log/file-names.ts'
import type { Env } from '../env/env.ts'
import { KafkaError } from '../wire/kafka-error.ts'
import { uuidToBase64Url } from '../../native-free/uuid.ts'
import { assignReplicas } from './assign-replicas.ts'
import type { ClusterView, PartitionView, TopicView } from './cluster-view.ts'
import { electLeader } from './elect-leader.ts'
import type { MetadataOperation, MetadataStore } from './metadata-store.ts'
import {
  controllerEpochKey,
  controllerKey,
  encodeConfig,
  encodeController,
  encodeLeadership,
  encodeTopic,
  type PartitionLeadership,
  partitionStateKey,
  topicConfigKey,
  topicKey,
} from './znodes.ts'

/** A topic that is to be made. */
export interface NewTopic {
  readonly name: string
  /** Given when the topic is known already, by its directories; default: a new one. */
  readonly topicId?: string
  readonly partitionCount: number
  readonly replicationFactor: number
  /** The replicas of each partition, instead of the two counts. */
  readonly assignment?: readonly (readonly number[])[]
  readonly config?: Readonly<Record<string, string>>
}

export type ElectionType = 'preferred' | 'unclean'

/** The most partitions that one request may make, as Kafka has it. */
export const partitionsPerRequestMax = 10_000
/** Of all topics together: each costs memory and files on whoever has it. */
const partitionsMax = 200_000

/**
 * Decides for the cluster: makes and removes topics, assigns replicas, elects leaders. One broker at a time is the
 * controller, the one whose `/controller` entry it is; each of its commits checks that its epoch still holds, so one
 * that was replaced without noticing changes nothing.
 */
export class Controller {
  readonly #store: MetadataStore
  readonly #view: ClusterView
  readonly #env: Env
  readonly #brokerId: number
  readonly #decisions = new SerialQueue()
  /** The epoch, and the version of its entry, once this broker is the controller. */
  #office: { readonly epoch: number; readonly version: number } | undefined
  /** Where the next topic's first leader goes, so that leaders spread over the brokers. */
  #nextIndex = 0

  constructor(given: { store: MetadataStore; view: ClusterView; env: Env; brokerId: number }) {
    this.#store = given.store
    this.#view = given.view
    this.#env = given.env
    this.#brokerId = given.brokerId
  }

  get isActive(): boolean {
    return this.#office !== undefined
  }

  /** Tries to become the controller. False when another broker is. */
  async stand(): Promise<boolean> {
    const nowMs = this.#env.clock.nowMs()
    const last = await this.#store.get(controllerEpochKey)
    const epoch = Number(last?.value ?? 0) + 1
    const value = encodeController(this.#brokerId, nowMs)
    try {
      const [, entry] = await this.#store.commit([
        { op: 'create', key: controllerKey, value, ephemeral: true },
        last === undefined
          ? { op: 'create', key: controllerEpochKey, value: String(epoch) }
          : { op: 'set', key: controllerEpochKey, value: String(epoch), version: last.version },
      ])
      this.#office = { epoch, version: entry?.version ?? 0 }
      return true
    } catch (error) {
      if (error instanceof MetadataConflictError) return false
      throw error
    }
  }

  /** Gives the office up: what is being stored is stored, and what waits is refused, for another controller to decide. */
  resign(): void {
    this.#office = undefined
  }

  /**
   * Makes a topic. Resolves with it when it is decided; the brokers take it up from the view.
   *
   * @throws KafkaError for a name, a count or an assignment that cannot be
   */
  createTopic(topic: NewTopic, validateOnly = false): Promise<TopicView> {
    return this.#decide(async () => {
      this.#checkNewTopic(topic.name)
      const replicas = this.#replicasOf(topic)
      this.#checkPartitionCount(replicas.length)
      const view = this.#newView(topic, replicas)
      if (validateOnly) return view
      if (topic.assignment === undefined) this.#nextIndex++
      const config = topic.config ?? {}
      await this.#commit([
        { op: 'create', key: topicKey(topic.name), value: encodeTopic({ topicId: view.topicId, replicas }) },
        ...view.partitions.map((state) => this.#createState(topic.name, state)),
        ...(Object.keys(config).length === 0
          ? []
          : [{ op: 'create', key: topicConfigKey(topic.name), value: encodeConfig(config) } as const]),
      ])
      return view
    })
  }

  /**
   * Adds partitions to a topic, up to `totalCount`. What keys are in the partitions that are there stays there.
   *
   * @throws KafkaError UNKNOWN_TOPIC_OR_PARTITION, INVALID_PARTITIONS, INVALID_REPLICA_ASSIGNMENT
   */
  createPartitions(
    name: string,
    totalCount: number,
    assignment?: readonly (readonly number[])[],
    validateOnly = false,
  ): Promise<void> {
    return this.#decide(async () => {
      const topic = this.#topic(name)
      const present = topic.partitions.map(({ replicas }) => replicas)
      const addedCount = totalCount - present.length
      if (addedCount <= 0)
        throw new KafkaError(
          'INVALID_PARTITIONS',
          `the topic has ${present.length} partitions already; ${totalCount} would not be more`,
        )
      if (assignment !== undefined && assignment.length !== addedCount)
        throw new KafkaError(
          'INVALID_REPLICA_ASSIGNMENT',
          `${addedCount} partitions are added, and replicas are given for ${assignment.length}`,
        )
      this.#checkPartitionCount(addedCount)
      const factor = present[0]?.length ?? 1
      const added =
        assignment === undefined
          ? assignReplicas(this.#brokerIds(), addedCount, factor, present[0]?.[0] ?? 0, present.length)
          : this.#checkedAssignment(assignment)
      if (validateOnly) return
      const replicas = [...present, ...added]
      await this.#commit([
        { op: 'set', key: topicKey(name), value: encodeTopic({ topicId: topic.topicId, replicas }) },
        ...added.map((ids, index) =>
          this.#createState(name, this.#newPartition(present.length + index, ids)),
        ),
      ])
    })
  }

  /** @throws KafkaError UNKNOWN_TOPIC_OR_PARTITION */
  deleteTopic(name: string): Promise<void> {
    return this.#decide(async () => {
      const topic = this.#topic(name)
      await this.#commit([
        { op: 'delete', key: topicKey(name) },
        ...topic.partitions
          .filter(({ version }) => version >= 0)
          .map(({ partition }) => ({ op: 'delete', key: partitionStateKey(name, partition) }) as const),
        ...(this.#view.configs.has(`topics/${name}`)
          ? [{ op: 'delete', key: topicConfigKey(name) } as const]
          : []),
      ])
    })
  }

  /** Replaces the settings of `/config/...` at `key`; none deletes them. */
  storeConfig(key: string, config: Readonly<Record<string, string>>): Promise<void> {
    return this.#decide(async () => {
      const isThere = (await this.#store.get(key)) !== undefined
      if (Object.keys(config).length === 0) {
        if (isThere) await this.#commit([{ op: 'delete', key }])
        return
      }
      await this.#commit([{ op: isThere ? 'set' : 'create', key, value: encodeConfig(config) }])
    })
  }

  /**
   * Elects a leader anew. `'preferred'` makes the first replica lead if it can; `'unclean'` makes anybody lead who is
   * alive, when nobody in sync is.
   *
   * @throws KafkaError ELECTION_NOT_NEEDED, PREFERRED_LEADER_NOT_AVAILABLE, ELIGIBLE_LEADERS_NOT_AVAILABLE
   */
  electLeader(topic: string, partition: number, type: ElectionType): Promise<void> {
    return this.#decide(async () => {
      const found = this.#topic(topic).partitions[partition]
      if (found === undefined)
        throw new KafkaError('UNKNOWN_TOPIC_OR_PARTITION', `the topic ${topic} has no partition ${partition}`)
      const elected = this.#outcome(found, type)
      await this.#commit([this.#setState(topic, found, elected)])
    })
  }

  /** Gives the partitions of this view that lack a live leader one, if somebody can be. Returns how many got one. */
  electMissingLeaders(unclean: (topic: string) => boolean): Promise<number> {
    return this.#electWhere(({ leader }) => !this.#isLive(leader), unclean)
  }

  /** As {@link electMissingLeaders}, for those that `broker` leads: it was away, and comes back in a new epoch. */
  renewLeadership(broker: number): Promise<number> {
    return this.#electWhere(
      ({ leader }) => leader === broker,
      () => false,
    )
  }

  #electWhere(
    isDue: (state: PartitionView) => boolean,
    unclean: (topic: string) => boolean,
  ): Promise<number> {
    return this.#decide(async () => {
      const operations: MetadataOperation[] = []
      for (const { name, partitions } of this.#view.topics.values())
        for (const state of partitions) {
          if (!isDue(state)) continue
          const elected = electLeader(state, {
            replicas: state.replicas,
            isLive: (id) => this.#isLive(id),
            unclean: unclean(name),
          })
          if (elected.leader >= 0) operations.push(this.#setState(name, state, elected))
        }
      if (operations.length > 0) await this.#commit(operations)
      return operations.length
    })
  }

  #outcome(state: PartitionView, type: ElectionType): Omit<PartitionLeadership, 'controllerEpoch'> {
    const { leader, leaderEpoch, isr, replicas } = state
    const isLive = (id: number): boolean => this.#isLive(id)
    if (type === 'preferred') {
      const preferred = replicas[0] ?? -1
      if (leader === preferred)
        throw new KafkaError('ELECTION_NOT_NEEDED', 'the preferred replica leads already')
      if (!isLive(preferred) || !isr.includes(preferred))
        throw new KafkaError('PREFERRED_LEADER_NOT_AVAILABLE', `broker ${preferred} is not alive and in sync`)
      return { leader: preferred, leaderEpoch: leaderEpoch + 1, isr: isr.filter(isLive) }
    }
    if (isLive(leader)) throw new KafkaError('ELECTION_NOT_NEEDED', `broker ${leader} leads, and is alive`)
    const elected = electLeader(state, { replicas, isLive, unclean: true })
    if (elected.leader < 0)
      throw new KafkaError('ELIGIBLE_LEADERS_NOT_AVAILABLE', 'no replica of the partition is alive')
    return elected
  }

  #replicasOf(topic: NewTopic): readonly (readonly number[])[] {
    if (topic.assignment !== undefined) return this.#checkedAssignment(topic.assignment)
    if (topic.partitionCount > partitionsPerRequestMax)
      throw new KafkaError(
        'POLICY_VIOLATION',
        `a topic is made with at most ${partitionsPerRequestMax} partitions, not ${topic.partitionCount}`,
      )
    return assignReplicas(this.#brokerIds(), topic.partitionCount, topic.replicationFactor, this.#nextIndex)
  }

  #checkedAssignment(assignment: readonly (readonly number[])[]): readonly (readonly number[])[] {
    const refuse = (reason: string): never => {
      throw new KafkaError('INVALID_REPLICA_ASSIGNMENT', reason)
    }
    if (assignment.length === 0) refuse('the assignment has no partition')
    for (const [partition, ids] of assignment.entries()) {
      if (ids === undefined || ids.length === 0) refuse(`partition ${partition} has no replica`)
      if (new Set(ids).size !== ids.length) refuse(`partition ${partition} has a replica twice`)
      const unknown = ids.find((id) => !this.#isLive(id))
      if (unknown !== undefined) refuse(`there is no broker ${unknown}`)
      if (ids.length !== assignment[0]?.length) refuse('all partitions have the same number of replicas')
    }
    return assignment
  }

  #checkNewTopic(name: string): void {
    if (!validTopicName(name))
      throw new KafkaError(
        'INVALID_TOPIC_EXCEPTION',
        `'${name}' is no name of a topic: it has 1 to 249 of a-z, A-Z, 0-9, '.', '_' and '-', and is neither '.' nor '..'`,
      )
    if (this.#view.topics.has(name))
      throw new KafkaError('TOPIC_ALREADY_EXISTS', `the topic '${name}' exists already`)
    // Kafka's metrics write both as '_', so that two such topics would be counted as one.
    const collapsed = name.replaceAll('.', '_')
    for (const other of this.#view.topics.keys())
      if (other.replaceAll('.', '_') === collapsed)
        throw new KafkaError(
          'INVALID_TOPIC_EXCEPTION',
          `the topic '${name}' collides with '${other}', from which it differs only in '.' and '_'`,
        )
  }

  #checkPartitionCount(addedCount: number): void {
    if (this.#view.partitionCount + addedCount <= partitionsMax) return
    throw new KafkaError('INVALID_PARTITIONS', `a cluster has at most ${partitionsMax} partitions`)
  }

  #topic(name: string): TopicView {
    const topic = this.#view.topics.get(name)
    if (topic === undefined) throw new KafkaError('UNKNOWN_TOPIC_OR_PARTITION', `there is no topic '${name}'`)
    return topic
  }

  #newView(topic: NewTopic, replicas: readonly (readonly number[])[]): TopicView {
    return {
      name: topic.name,
      topicId: topic.topicId ?? this.#newTopicId(),
      partitions: replicas.map((ids, partition) => this.#newPartition(partition, ids)),
    }
  }

  #newPartition(partition: number, replicas: readonly number[]): PartitionView {
    const { leader, isr } = electLeader(
      { leader: -1, leaderEpoch: -1, isr: replicas },
      { replicas, isLive: (id) => this.#isLive(id), unclean: false },
    )
    const { epoch: controllerEpoch } = this.#mustBeActive()
    return { partition, replicas, leader, leaderEpoch: 0, isr, controllerEpoch, version: 0 }
  }

  #newTopicId(): string {
    for (;;) {
      const id = uuidToBase64Url(this.#env.random.bytes(16))
      // Kafka's tools take what begins with a dash for an option.
      if (!id.startsWith('-')) return id
    }
  }

  #createState(topic: string, { partition, ...state }: PartitionView): MetadataOperation {
    return { op: 'create', key: partitionStateKey(topic, partition), value: encodeLeadership(state) }
  }

  #setState(
    topic: string,
    { partition, version }: PartitionView,
    elected: Omit<PartitionLeadership, 'controllerEpoch'>,
  ): MetadataOperation {
    const key = partitionStateKey(topic, partition)
    const value = encodeLeadership({ ...elected, controllerEpoch: this.#mustBeActive().epoch })
    return version < 0 ? { op: 'create', key, value } : { op: 'set', key, value, version }
  }

  #brokerIds(): number[] {
    return [...this.#view.brokers.keys()]
  }

  #isLive(id: number): boolean {
    return this.#view.brokers.has(id)
  }

  /** Decisions are made one after the other, each on what the one before it has left. */
  #decide<T>(decision: () => Promise<T>): Promise<T> {
    return this.#decisions.run(() => {
      this.#mustBeActive()
      return decision()
    })
  }

  async #commit(operations: readonly MetadataOperation[]): Promise<void> {
    const { version } = this.#mustBeActive()
    await this.#store.commit([{ op: 'check', key: controllerEpochKey, version }, ...operations])
  }

  #mustBeActive(): { readonly epoch: number; readonly version: number } {
    if (this.#office === undefined)
      throw new KafkaError('NOT_CONTROLLER', `broker ${this.#brokerId} is not the controller`)
    return this.#office
  }
}

import type { MetadataChange, MetadataStore } from './metadata-store.ts'
import {
  brokerConfigsPrefix,
  brokersPrefix,
  type BrokerRegistration,
  clusterIdKey,
  controllerKey,
  decodeBroker,
  decodeClusterId,
  decodeConfig,
  decodeController,
  decodeLeadership,
  decodeTopic,
  type PartitionLeadership,
  partitionOfStateKey,
  type TopicAssignment,
  topicConfigsPrefix,
  topicOfKey,
} from './znodes.ts'

/** One partition as the cluster sees it. */
export interface PartitionView extends PartitionLeadership {
  readonly partition: number
  /** In assignment order: the first is the preferred leader. */
  readonly replicas: readonly number[]
  /** Of the state's entry in the store, for a compare-and-set; -1 before the controller has made one. */
  readonly version: number
}

export interface TopicView {
  readonly name: string
  /** 22 characters, as Kafka prints it. */
  readonly topicId: string
  readonly partitions: readonly PartitionView[]
}

/** What a change of the store meant. */
export interface ViewChange {
  /** Topics that are new, or have other partitions or leaders than before. */
  readonly topics: ReadonlySet<string>
  /** Topics that are gone, as they were. */
  readonly deletedTopics: readonly TopicView[]
  readonly brokers: boolean
  /** `topics/T` and `brokers/N` whose settings have changed. */
  readonly configs: ReadonlySet<string>
}

/** No leadership is known yet: the topic was created, and its controller has not come to it. */
const undecided: PartitionLeadership = { leader: -1, leaderEpoch: -1, isr: [], controllerEpoch: -1 }

/**
 * The cluster's metadata as one broker sees it: follows the store, and answers at once. Every change of the store is
 * taken up as a whole, so nobody sees half a commit.
 */
export class ClusterView {
  readonly brokers = new Map<number, BrokerRegistration>()
  readonly topics = new Map<string, TopicView>()
  readonly topicsById = new Map<string, TopicView>()
  /** Settings by `topics/T` and `brokers/N`; `brokers/<default>` holds for every broker. */
  readonly configs = new Map<string, Readonly<Record<string, string>>>()
  controllerId = -1
  clusterId = ''
  readonly #assignments = new Map<string, TopicAssignment>()
  readonly #leadership = new Map<string, Map<number, PartitionLeadership & { version: number }>>()
  readonly #listeners = new Set<(change: ViewChange) => void>()

  /** Reads all there is and follows `store` from then on. */
  static async follow(store: MetadataStore): Promise<ClusterView> {
    const view = new ClusterView()
    // Watched before it is read: what changes meanwhile is taken up twice rather than not at all.
    store.watch((changes) => view.#take(changes))
    view.#take((await store.list('/')).map((entry) => ({ key: entry.key, entry })))
    return view
  }

  /** Calls `listener` after each change, until the returned function is called. */
  onChange(listener: (change: ViewChange) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  partition(topic: string, partition: number): PartitionView | undefined {
    return this.topics.get(topic)?.partitions[partition]
  }

  /** How many partitions the cluster has. */
  get partitionCount(): number {
    let count = 0
    for (const { partitions } of this.topics.values()) count += partitions.length
    return count
  }

  #take(changes: readonly MetadataChange[]): void {
    const topics = new Set<string>()
    const configs = new Set<string>()
    let brokers = false
    for (const change of changes) {
      const topic = this.#takeTopic(change)
      if (topic !== undefined) topics.add(topic)
      else if (this.#takeBroker(change)) brokers = true
      else {
        const config = this.#takeConfig(change)
        if (config !== undefined) configs.add(config)
        else this.#takeCluster(change)
      }
    }
    const deletedTopics = [...topics].flatMap((name) => this.#rebuild(name) ?? [])
    for (const { name } of deletedTopics) if (!this.topics.has(name)) topics.delete(name)
    for (const listener of [...this.#listeners]) listener({ topics, deletedTopics, brokers, configs })
  }

  #takeTopic({ key, entry }: MetadataChange): string | undefined {
    const named = topicOfKey(key)
    if (named !== undefined) {
      if (entry === undefined) this.#assignments.delete(named)
      else this.#assignments.set(named, decodeTopic(key, entry.value))
      return named
    }
    const of = partitionOfStateKey(key)
    if (of === undefined) return undefined
    const states =
      this.#leadership.get(of.topic) ?? new Map<number, PartitionLeadership & { version: number }>()
    this.#leadership.set(of.topic, states)
    if (entry === undefined) states.delete(of.partition)
    else states.set(of.partition, { ...decodeLeadership(key, entry.value), version: entry.version })
    return of.topic
  }

  #takeBroker({ key, entry }: MetadataChange): boolean {
    if (!key.startsWith(brokersPrefix)) return false
    if (entry === undefined) this.brokers.delete(Number(key.slice(brokersPrefix.length)))
    else {
      const broker = decodeBroker(key, entry.value)
      this.brokers.set(broker.id, broker)
    }
    return true
  }

  #takeConfig({ key, entry }: MetadataChange): string | undefined {
    if (!key.startsWith(topicConfigsPrefix) && !key.startsWith(brokerConfigsPrefix)) return undefined
    const name = key.slice('/config/'.length)
    if (entry === undefined) this.configs.delete(name)
    else this.configs.set(name, decodeConfig(key, entry.value))
    return name
  }

  #takeCluster({ key, entry }: MetadataChange): void {
    if (key === controllerKey)
      this.controllerId = entry === undefined ? -1 : decodeController(key, entry.value)
    if (key === clusterIdKey && entry !== undefined) this.clusterId = decodeClusterId(entry.value)
  }

  /** Returns what the topic was, when it is gone or another one of its name has taken its place. */
  #rebuild(name: string): TopicView | undefined {
    const before = this.topics.get(name)
    const assignment = this.#assignments.get(name)
    if (assignment === undefined) {
      this.topics.delete(name)
      this.#leadership.delete(name)
    } else {
      const states = this.#leadership.get(name)
      const partitions = assignment.replicas.map((replicas, partition) => ({
        ...(states?.get(partition) ?? { ...undecided, version: -1 }),
        partition,
        replicas,
      }))
      const view = { name, topicId: assignment.topicId, partitions }
      this.topics.set(name, view)
      this.topicsById.set(view.topicId, view)
    }
    if (before === undefined || before.topicId === assignment?.topicId) return undefined
    this.topicsById.delete(before.topicId)
    return before
  }
}

import { join } from 'node:path'
import { ClusterView, type TopicView } from '../cluster/cluster-view.ts'
import { Controller, type NewTopic } from '../cluster/controller.ts'
import { LocalMetadataStore, localMetadataDirectory } from '../cluster/local-metadata-store.ts'
import { brokerKey, clusterIdKey, encodeBroker, encodeClusterId, type Endpoint } from '../cluster/znodes.ts'
import type { Env } from '../env/env.ts'
import type { TopicPartition } from '../log/file-names.ts'
import { FilePool } from '../log/file-pool.ts'
import { IndexCache } from '../log/index-cache.ts'
import type { RecoveryReport } from '../log/recovery-report.ts'
import { KafkaError } from '../wire/kafka-error.ts'
import { adoptTopics } from './adopt-topics.ts'
import { Background } from './background.ts'
import { ConfigStore } from './config/config-store.ts'
import type { BrokerConfig } from './config/declared-configs.ts'
import { followConfigs, logConfigs } from './config/followed-configs.ts'
import { DataDirectory } from './data-directory.ts'
import { FetchSessions } from './fetch-sessions.ts'
import { followGroups, forgetMissingTopics, forgetTopics } from './followed-groups.ts'
import { groupConfig, resolveGroupConfig } from './groups/group-config.ts'
import { GroupCoordinator } from './groups/group-coordinator.ts'
import type { Handler } from './handler.ts'
import { handlers } from './handlers.ts'
import { OffsetsTopic, offsetsTopic } from './offsets-topic.ts'
import type { Partition } from './partition.ts'
import { ProducerIds } from './producer-ids.ts'
import { ReplicaManager } from './replica-manager.ts'
import { Timers } from '../env/timers.ts'

/** Least `segment.bytes` of a topic; `offsets.topic.segment.bytes` may say less. */
const segmentBytesMin = 1024 * 1024

type Warn = (message: string, error?: unknown) => void

/** How a broker is opened. */
export interface BrokerOptions {
  readonly env: Env
  /** Absolute paths of the data directories (Kafka's `log.dirs`). The first also keeps the metadata. */
  readonly directories: readonly string[]
  /** Settings by Kafka's names, as a properties file has them. Default: none, and so `node.id` 1. */
  readonly properties?: Readonly<Record<string, string>>
  /** Files that may be open at once. Default 512. */
  readonly maxOpenFiles?: number
  /** Memory for indexes of all logs. Default 64 MiB. */
  readonly indexCacheBytes?: number
  /** Told of what goes wrong in the background; the broker goes on. */
  readonly onWarning?: Warn
  readonly onProgress?: (opened: number, total: number) => void
}

/** What opening the logs found and did. */
export interface OpeningReport {
  readonly wasStoppedCleanly: boolean
  readonly partitionCount: number
  /** What each log reported that was changed by its recovery. */
  readonly recovered: readonly { readonly partition: string; readonly report: RecoveryReport }[]
  readonly fenced: readonly { readonly partition: string; readonly error: Error }[]
  /** Topics whose directories were found, and which nobody had told of: another broker's. */
  readonly adopted: readonly string[]
}

/**
 * A broker without sockets: topics, partitions, coordinators and the handlers of requests. Embedded programs call its
 * handlers directly; a server decodes requests and calls the same ones.
 */
export class Broker implements AsyncDisposable {
  readonly nodeId: number
  readonly env: Env
  readonly timers: Timers
  readonly view: ClusterView
  /** Of the broker and the topics, kept up with what the cluster has stored. */
  readonly configs: ConfigStore
  readonly controller: Controller
  readonly replicas: ReplicaManager
  readonly fetchSessions: FetchSessions
  readonly producerIds: ProducerIds
  readonly groups: GroupCoordinator
  readonly directories: readonly DataDirectory[]
  readonly handlers: ReadonlyMap<number, Handler> = handlers
  readonly #store: LocalMetadataStore
  readonly #background: Background
  readonly #opening: {
    recovered: { partition: string; report: RecoveryReport }[]
    fenced: { partition: string; error: Error }[]
    adopted: string[]
  }
  /** Set when they are all known, also those that were taken over. */
  #knownTopics: ReadonlyMap<string, TopicView> | undefined
  /** What groups have to forget of topics that were deleted. */
  #forgetting: Promise<unknown> = Promise.resolve()
  #closing: Promise<void> | undefined

  private constructor(
    options: BrokerOptions,
    parts: {
      store: LocalMetadataStore
      view: ClusterView
      directories: readonly DataDirectory[]
      configs: ConfigStore
    },
  ) {
    const { env } = options
    const { store, view, directories, configs } = parts
    const nodeId = configs.brokerId
    const warn = options.onWarning ?? (() => undefined)
    this.nodeId = nodeId
    this.env = env
    this.view = view
    this.directories = directories
    this.#store = store
    this.#opening = { recovered: [], fenced: [], adopted: [] }
    this.configs = configs
    followConfigs(configs, view)
    this.timers = new Timers(env.clock)
    this.controller = new Controller({ store, view, env, brokerId: nodeId })
    this.fetchSessions = new FetchSessions(
      env.clock,
      this.config['max.incremental.fetch.session.cache.slots'],
      env.random,
    )
    this.producerIds = new ProducerIds(store, nodeId)
    this.replicas = new ReplicaManager({
      env,
      view,
      directories,
      brokerId: nodeId,
      clock: env.clock,
      timers: this.timers,
      pool: new FilePool(env.files, options.maxOpenFiles ?? 512),
      indexCache: new IndexCache(options.indexCacheBytes ?? 64 * 1024 * 1024),
      logConfig: logConfigs(configs),
      topicConfig: (topic) => configs.topicConfig(topic),
      onFenced: (of, error) => this.#fence(of, error, warn),
      onOpened: (partition) => this.#noteOpened(partition),
      onFollowed: (partition) => followGroups(this.groups, partition, this.#knownTopics, warn),
    })
    this.groups = new GroupCoordinator({
      clock: env.clock,
      timers: this.timers,
      random: env.random,
      config: groupConfigOf(this.config),
      log: new OffsetsTopic({
        replicas: this.replicas,
        view,
        clock: env.clock,
        timeoutMs: () => this.config['offsets.commit.timeout.ms'],
        partitionCount: () => this.config['offsets.topic.num.partitions'],
      }),
    })
    view.onChange(({ deletedTopics }) => {
      this.#forgetting = Promise.all([this.#forgetting, forgetTopics(this.groups, deletedTopics)])
    })
    this.#background = new Background({
      clock: env.clock,
      config: () => this.config,
      replicas: this.replicas,
      directories,
      onFailure: (doing, error) => warn(`${doing} failed`, error),
    })
  }

  /**
   * Takes the data directories, recovers what an unclean stop left, and opens every log. A log that is damaged is
   * fenced, and reported; the others serve. The broker leads nothing before {@link announce}.
   *
   * @throws LockedError, CorruptionError, StorageError when a data directory as a whole cannot be used
   */
  static async open(options: BrokerOptions): Promise<Broker> {
    const { env } = options
    let view: ClusterView | undefined
    const configs = new ConfigStore({
      staticBroker: options.properties ?? {},
      hasTopic: (topic) => view?.topics.has(topic) ?? false,
    })
    const directories: DataDirectory[] = []
    let store: LocalMetadataStore | undefined
    let broker: Broker | undefined
    try {
      for (const path of options.directories)
        directories.push(await DataDirectory.open(path, env, configs.brokerId))
      for (const directory of directories) directory.finishDeletions()
      const [first] = directories
      if (first === undefined) throw new TypeError('a broker has at least one data directory')
      store = await LocalMetadataStore.open(join(first.path, localMetadataDirectory), env)
      view = await ClusterView.follow(store)
      broker = new Broker(options, { store, view, directories, configs })
      await broker.#begin(first)
      await broker.replicas.start(options.onProgress)
      broker.#background.start()
      return broker
    } catch (error) {
      await broker?.replicas.close()
      await store?.close().catch(() => undefined)
      for (const directory of directories) await directory.close(false).catch(() => undefined)
      throw error
    }
  }

  /** What opening the logs found and did. */
  get opening(): OpeningReport {
    return {
      wasStoppedCleanly: this.#wasStoppedCleanly,
      partitionCount: this.replicas.count,
      ...this.#opening,
    }
  }

  /** What this broker goes by, now. */
  get config(): BrokerConfig {
    return this.configs.brokerConfig()
  }

  /** The id of the cluster, 22 characters. */
  get clusterId(): string {
    return this.view.clusterId
  }

  /**
   * Registers the broker with the addresses at which it is reached, one per listener, and takes up its part: it
   * stands for controller, and leads its partitions. Resolves when it serves.
   */
  async announce(endpoints: readonly Endpoint[]): Promise<void> {
    const registration = { id: this.nodeId, endpoints, rack: this.config['broker.rack'] }
    const value = encodeBroker(registration, this.env.clock.nowMs())
    await this.#store.commit([{ op: 'create', key: brokerKey(this.nodeId), value, ephemeral: true }])
    if (await this.controller.stand()) {
      const { controller, directories, env, nodeId: brokerId, view } = this
      const adoption = { controller, directories, env, brokerId, store: this.#store, view }
      this.#opening.adopted = await adoptTopics(adoption)
      const isUnclean = (topic: string): boolean =>
        this.configs.topicConfig(topic)['unclean.leader.election.enable']
      // What was not stopped cleanly may have lost what it had not synced: it goes on in an epoch of its own.
      if (!this.#wasStoppedCleanly) await this.controller.renewLeadership(this.nodeId)
      await this.controller.electMissingLeaders(isUnclean)
    }
    await this.replicas.settled()
    this.#knownTopics = this.view.topics
    await forgetMissingTopics(this.groups, this.#knownTopics)
  }

  /** The live brokers as the clients of a listener reach them. */
  nodes(listenerName: string): { nodeId: number; host: string; port: number; rack: string | null }[] {
    return [...this.view.brokers.values()].map(({ id, endpoints, rack }) => {
      const endpoint = endpoints.find((each) => each.listenerName === listenerName) ?? endpoints[0]
      return { nodeId: id, host: endpoint?.host ?? '', port: endpoint?.port ?? -1, rack }
    })
  }

  /** Whether a topic is the broker's own. */
  isInternal(topic: string): boolean {
    return topic === offsetsTopic || topic === '__transaction_state'
  }

  /** Makes a topic that was asked for and does not exist, with the defaults, and resolves when it has leaders. */
  async autoCreateTopic(name: string): Promise<TopicView> {
    return this.#makeTopic({
      name,
      partitionCount: this.config['num.partitions'],
      replicationFactor: this.config['default.replication.factor'],
    })
  }

  /** Makes the topic that groups and their offsets are kept in, if it is not there, and resolves when it serves. */
  async makeOffsetsTopic(): Promise<void> {
    if (this.view.topics.has(offsetsTopic)) return
    await this.#makeTopic({
      name: offsetsTopic,
      partitionCount: this.config['offsets.topic.num.partitions'],
      replicationFactor: Math.min(
        this.config['offsets.topic.replication.factor'],
        Math.max(1, this.view.brokers.size),
      ),
      config: {
        'cleanup.policy': 'compact',
        'compression.type': 'producer',
        'segment.bytes': String(Math.max(segmentBytesMin, this.config['offsets.topic.segment.bytes'])),
      },
    })
  }

  async #makeTopic(topic: NewTopic): Promise<TopicView> {
    try {
      await this.controller.createTopic(topic)
    } catch (error) {
      // Somebody else has asked for it too, a moment earlier.
      if (!(error instanceof KafkaError) || error.kafkaName !== 'TOPIC_ALREADY_EXISTS') throw error
    }
    await this.replicas.settled()
    const made = this.view.topics.get(topic.name)
    if (made !== undefined) return made
    throw new KafkaError('UNKNOWN_TOPIC_OR_PARTITION', `the topic ${topic.name} is gone again`)
  }

  /** Resolves when all that was decided so far has been done here: topics are served, or gone with what groups knew of them. */
  async settled(): Promise<void> {
    await this.replicas.settled()
    await this.#forgetting
  }

  /** Deletes now what the retention settings say. Returns how many segments went. */
  applyRetention(): Promise<number> {
    return this.#background.applyRetention()
  }

  /** Compacts now what the topics' settings say is dirty enough. Returns how many passes were made. */
  compactLogs(): Promise<number> {
    return this.#background.compact()
  }

  /**
   * Finishes what is being made or stored, and refuses what would only wait for it, as clients that try again
   * elsewhere or later understand it: members of groups are told to look for their coordinator, and decisions about
   * topics are somebody else's. What is there is still written and read. {@link close} begins with it.
   */
  beginClosing(): void {
    this.controller.resign()
    this.replicas.makeNoMore()
    this.groups.close()
  }

  /** Closes every log, so that the next start need not look into them, and lets the directories go. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #close(): Promise<void> {
    this.beginClosing()
    await this.#background.stop()
    this.timers.close()
    const clean = await this.replicas.close()
    this.#background.noteOffsets()
    await this.#store.close()
    for (const directory of this.directories) await directory.close(clean)
  }

  get #wasStoppedCleanly(): boolean {
    return this.directories.every(({ wasStoppedCleanly }) => wasStoppedCleanly)
  }

  /** The cluster's id is that of the first data directory. */
  async #begin(first: DataDirectory): Promise<void> {
    if (this.view.clusterId !== '') return
    const value = encodeClusterId(first.identity.clusterId)
    await this.#store.commit([{ op: 'create', key: clusterIdKey, value }])
  }

  #noteOpened({ name, log }: Partition): void {
    const { recovery } = log
    if (!recovery.cleanStop && recovery.scannedBytes > 0)
      this.#opening.recovered.push({ partition: name, report: recovery })
  }

  #fence(of: TopicPartition, error: Error, warn: Warn): void {
    const partition = `${of.topic}-${of.partition}`
    this.#opening.fenced.push({ partition, error })
    warn(`the partition ${partition} is fenced`, error)
  }
}

/** The group coordinator's part of the broker's configuration. */
function groupConfigOf(config: BrokerConfig) {
  return resolveGroupConfig(
    Object.fromEntries(
      Object.values(groupConfig).map(({ kafkaName }) => [kafkaName, config[kafkaName as keyof BrokerConfig]]),
    ),
  )
}

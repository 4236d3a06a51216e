import { ConnectionError } from '../../base/errors.ts'
import type { Env } from '../../env/env.ts'
import { errorCodes } from '../../wire/error-codes.ts'
import { KafkaError } from '../../wire/kafka-error.ts'
import { type MetadataResponse, metadataRequest, metadataResponse } from '../../wire/messages/03-metadata.ts'
import { type BrokerAddress, formatAddress } from '../network/broker-address.ts'
import { type BrokerLinks, sharedPurpose } from '../network/broker-links.ts'
import { rpc } from '../network/rpc.ts'
import type { BrokerLink, CallOptions } from '../network/transport.ts'
import type { ClientLimits } from './client-options.ts'
import { type BrokerNode, ClusterMetadata, type TopicPartition } from './cluster-metadata.ts'
import { type CoordinatorKey, CoordinatorDirectory } from './coordinator-directory.ts'
import { Gatherer } from './gatherer.ts'
import { MetadataRecovery } from './metadata-recovery.ts'
import { throwResponseError } from './response-error.ts'
import { TopicDirectory } from './topic-directory.ts'

/** Who is to answer: anybody, the controller, a broker, the coordinator of a group or of a transactional id, or the leader of a partition. */
export type Target =
  | 'any'
  | 'controller'
  | { readonly nodeId: number }
  | { readonly group: string }
  | { readonly transactionalId: string }
  | { readonly leaderOf: TopicPartition }

/** The last that was heard of brokers and controller, and when. */
interface KnownCluster extends Pick<ClusterMetadata, 'brokers' | 'controllerId'> {
  readonly fetchedMs: number
}

// Before version 4 topics are made by asking for them.
const metadataApi = rpc(metadataRequest, metadataResponse, { minVersion: 4 })

/** Knows, or asks, which broker is meant. Each question is asked once: who wants it asked again does so. */
export class BrokerFinder {
  readonly topics: TopicDirectory
  readonly #env: Pick<Env, 'clock' | 'random'>
  readonly #limits: ClientLimits
  readonly #bootstrap: readonly BrokerAddress[]
  readonly #links: BrokerLinks
  #cluster: KnownCluster | undefined
  readonly #coordinators: CoordinatorDirectory
  readonly #recovery: MetadataRecovery
  /** What is asked about brokers alone, by many at once when something has happened. */
  readonly #brokerRequests: Gatherer<'brokers', ClusterMetadata>

  constructor(
    env: Pick<Env, 'clock' | 'random'>,
    limits: ClientLimits,
    bootstrap: readonly BrokerAddress[],
    links: BrokerLinks,
  ) {
    this.#env = env
    this.#limits = limits
    this.#bootstrap = bootstrap
    this.#links = links
    this.#recovery = new MetadataRecovery(env.clock, limits)
    this.#coordinators = new CoordinatorDirectory(env.clock, () => this.#anyLink())
    this.#brokerRequests = new Gatherer(env.clock, () => this.askMetadata([]))
    this.topics = new TopicDirectory(env, limits, (topics, allowAutoTopicCreation) =>
      this.askMetadata(topics, { allowAutoTopicCreation }),
    )
  }

  /** A link to `target`, of the purpose that is asked for. */
  async link(target: Target, purpose: string | undefined, options: CallOptions): Promise<BrokerLink> {
    options.signal?.throwIfAborted()
    if (target === 'any') return await this.#anyLink(purpose)
    const address = await this.#locate(target, options)
    // Whoever has given up meanwhile has perhaps released its purpose, too: nobody would close a link that is made now.
    options.signal?.throwIfAborted()
    return await this.#links.to(address, purpose)
  }

  /** What a broker says of its cluster and `topics`, `null` for all; it is kept. */
  async askMetadata(
    topics: readonly string[] | null,
    { allowAutoTopicCreation = false, ...options }: CallOptions & { allowAutoTopicCreation?: boolean } = {},
  ): Promise<ClusterMetadata> {
    if (this.#recovery.asks()) this.#beginAgain()
    const link = await this.#anyLink()
    const asked = topics === null ? null : topics.map((name) => ({ name }))
    const response = await link.call(metadataApi, { topics: asked, allowAutoTopicCreation }, options)
    this.#checkMetadata(response)
    this.#recovery.had()
    this.topics.learn(response.topics)
    const metadata = new ClusterMetadata(response)
    const { brokers, controllerId } = metadata
    this.#cluster = { brokers, controllerId, fetchedMs: this.#env.clock.monotonicMs() }
    return metadata
  }

  /** A response told where brokers are reached (KIP-951). */
  learnBrokers(nodes: readonly BrokerNode[]): void {
    if (this.#cluster === undefined || nodes.length === 0) return
    const told = nodes.map((node) => [node.nodeId, node] as const)
    this.#cluster = { ...this.#cluster, brokers: new Map([...this.#cluster.brokers, ...told]) }
  }

  /** Something failed: whoever was asked may have moved. What was known is still a way back in, but is to be asked for again. */
  doubt(target: Target): void {
    const coordinator = coordinatorKey(target)
    if (coordinator !== undefined) this.#coordinators.forget(coordinator)
    if (typeof target === 'object' && 'leaderOf' in target) this.topics.doubt(target.leaderOf.topic)
    if (this.#cluster !== undefined) this.#cluster = { ...this.#cluster, fetchedMs: Number.NEGATIVE_INFINITY }
  }

  async #anyLink(purpose?: string): Promise<BrokerLink> {
    return this.#links.leastLoaded(purpose) ?? (await this.#links.toAny(this.#waysIn(), purpose))
  }

  /** When no broker that is known can be reached, those that the client began with are tried again (KIP-899). */
  #waysIn(): BrokerAddress[] {
    const known = [...(this.#cluster?.brokers.values() ?? [])]
    return known.length === 0 || this.#recovery.isAllowed ? [...known, ...this.#bootstrap] : known
  }

  async #locate(target: Exclude<Target, 'any'>, options: CallOptions): Promise<BrokerAddress> {
    const coordinator = coordinatorKey(target)
    if (coordinator !== undefined) return await this.#coordinators.find(coordinator)
    if (target === 'controller') return await this.#controller()
    if ('leaderOf' in target) return await this.#leader(target.leaderOf, options)
    if ('nodeId' in target) return await this.#node(target.nodeId)
    throw new TypeError(`there is no such target: ${JSON.stringify(target)}`)
  }

  async #controller(): Promise<BrokerAddress> {
    const { brokers, controllerId } = await this.#currentCluster()
    const node = brokers.get(controllerId)
    if (node === undefined)
      throw new KafkaError('NOT_CONTROLLER', 'the cluster has no controller at this moment')
    return node
  }

  /** A broker that is not known may have come since: then it is asked for. */
  async #node(nodeId: number): Promise<BrokerAddress> {
    const { brokers } = await this.#currentCluster()
    const node = brokers.get(nodeId) ?? (await this.#askBrokers()).brokers.get(nodeId)
    if (node === undefined)
      throw new KafkaError('BROKER_NOT_AVAILABLE', `there is no broker ${nodeId} in the cluster`)
    return node
  }

  async #leader({ topic, partition }: TopicPartition, options: CallOptions): Promise<BrokerAddress> {
    const isNews = this.topics.current(topic) === undefined
    const { partitions } = await this.topics.lookUp(topic, options)
    const known = partitions[partition]
    const name = `${topic}-${partition}`
    if (known === undefined && isNews)
      throw new KafkaError('UNKNOWN_TOPIC_OR_PARTITION', `there is no partition ${name}`)
    if (known === undefined) {
      // It may have been added since.
      this.topics.doubt(topic)
      return await this.#leader({ topic, partition }, options)
    }
    if (known.leaderId < 0)
      throw new KafkaError('LEADER_NOT_AVAILABLE', `nobody leads ${name} at this moment`)
    return await this.#leadingNode(known.leaderId, name)
  }

  async #leadingNode(nodeId: number, name: string): Promise<BrokerAddress> {
    try {
      return await this.#node(nodeId)
    } catch (cause) {
      if (!isUnknownBroker(cause)) throw cause
      const reason = `broker ${nodeId}, which leads ${name}, is not in the cluster at this moment`
      throw new KafkaError('LEADER_NOT_AVAILABLE', reason, { cause })
    }
  }

  /** Brokers and controller, asked for when they are not known or too old. */
  async #currentCluster(): Promise<Omit<KnownCluster, 'fetchedMs'>> {
    const known = this.#cluster
    const ageMs = this.#env.clock.monotonicMs() - (known?.fetchedMs ?? 0)
    if (known !== undefined && ageMs <= this.#limits.metadataMaxAgeMs) return known
    return await this.#askBrokers()
  }

  async #askBrokers(): Promise<ClusterMetadata> {
    return await this.#brokerRequests.ask('', 'brokers')
  }

  /** @throws when the response is not to be learned from */
  #checkMetadata({ errorCode, brokers }: MetadataResponse): void {
    if (errorCode === errorCodes.REBOOTSTRAP_REQUIRED && this.#recovery.isAllowed) {
      this.#beginAgain()
      const addresses = this.#bootstrap.map(formatAddress).join(', ')
      throw new ConnectionError(addresses, 'a broker sends its clients back to their bootstrap servers')
    }
    throwResponseError(errorCode, 'Metadata')
    // What it says of topics is worth as little.
    if (brokers.length === 0)
      throw new KafkaError('NETWORK_EXCEPTION', 'the broker knows no brokers yet: it is starting')
  }

  /** All that the client knew may belong to brokers that are another cluster's by now (KIP-1102). */
  #beginAgain(): void {
    this.#cluster = undefined
    this.#coordinators.forgetAll()
    this.topics.forgetAll()
    this.#links.retire(sharedPurpose)
  }
}

function coordinatorKey(target: Target): CoordinatorKey | undefined {
  if (typeof target === 'string') return undefined
  if ('group' in target) return { key: target.group, keyType: 0 }
  return 'transactionalId' in target ? { key: target.transactionalId, keyType: 1 } : undefined
}

/** A leader that is no broker of the cluster has gone, and another will be elected. */
export function isUnknownBroker(error: unknown): error is KafkaError {
  return error instanceof KafkaError && error.kafkaName === 'BROKER_NOT_AVAILABLE'
}

import { ConnectionError } from '../../base/errors.ts'
import type { Env } from '../../env/env.ts'
import { errorCodes } from '../../wire/error-codes.ts'
import { KafkaError } from '../../wire/kafka-error.ts'
import { metadataRequest, metadataResponse } from '../../wire/messages/03-metadata.ts'
import {
  type FindCoordinatorResponse,
  findCoordinatorRequest,
  findCoordinatorResponse,
} from '../../wire/messages/10-find-coordinator.ts'
import { type BrokerAddress, formatAddress } from '../network/broker-address.ts'
import { type BrokerLinks, sharedPurpose } from '../network/broker-links.ts'
import { rpc } from '../network/rpc.ts'
import type { BrokerLink, CallOptions } from '../network/transport.ts'
import type { ClientLimits } from './client-options.ts'
import { type BrokerNode, ClusterMetadata, type TopicPartition } from './cluster-metadata.ts'
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

/** A coordinator, as FindCoordinator asks for it. */
interface CoordinatorKey {
  readonly key: string
  /** 0 for a group, 1 for a transactional id. */
  readonly keyType: number
}

/** The last that was heard of brokers and controller, and when. */
interface KnownCluster extends Pick<ClusterMetadata, 'brokers' | 'controllerId'> {
  readonly fetchedMs: number
}

// Before version 4 topics are made by asking for them.
const metadataApi = rpc(metadataRequest, metadataResponse, { minVersion: 4 })
const findCoordinatorApi = rpc(findCoordinatorRequest, findCoordinatorResponse)

/** Knows, or asks, which broker is meant. Each question is asked once: who wants it asked again does so. */
export class BrokerFinder {
  readonly topics: TopicDirectory
  readonly #env: Pick<Env, 'clock' | 'random'>
  readonly #limits: ClientLimits
  readonly #bootstrap: readonly BrokerAddress[]
  readonly #links: BrokerLinks
  #cluster: KnownCluster | undefined
  readonly #coordinators = new Map<string, BrokerAddress>()

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
    this.topics = new TopicDirectory(env, limits, (topics, allowAutoTopicCreation) =>
      this.askMetadata(topics, { allowAutoTopicCreation }),
    )
  }

  /** A link to `target`, of the purpose that is asked for. */
  async link(target: Target, purpose: string | undefined, options: CallOptions): Promise<BrokerLink> {
    if (target === 'any') return await this.#anyLink(purpose)
    return await this.#links.to(await this.#locate(target, options), purpose)
  }

  /** What a broker says of its cluster and `topics`, `null` for all; it is kept. */
  async askMetadata(
    topics: readonly string[] | null,
    { allowAutoTopicCreation = false, ...options }: CallOptions & { allowAutoTopicCreation?: boolean } = {},
  ): Promise<ClusterMetadata> {
    const link = await this.#anyLink()
    const asked = topics === null ? null : topics.map((name) => ({ name }))
    const response = await link.call(metadataApi, { topics: asked, allowAutoTopicCreation }, options)
    if (response.errorCode === errorCodes.REBOOTSTRAP_REQUIRED) this.#beginAgain()
    throwResponseError(response.errorCode, 'Metadata')
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
    if (coordinator !== undefined) this.#coordinators.delete(textOf(coordinator))
    if (typeof target === 'object' && 'leaderOf' in target) this.topics.doubt(target.leaderOf.topic)
    if (this.#cluster !== undefined) this.#cluster = { ...this.#cluster, fetchedMs: Number.NEGATIVE_INFINITY }
  }

  /** When no broker that is known can be reached, those that the client began with are tried again (KIP-899). */
  async #anyLink(purpose?: string): Promise<BrokerLink> {
    const known = this.#cluster?.brokers.values() ?? []
    return (
      this.#links.leastLoaded(purpose) ?? (await this.#links.toAny([...known, ...this.#bootstrap], purpose))
    )
  }

  async #locate(target: Exclude<Target, 'any'>, options: CallOptions): Promise<BrokerAddress> {
    const coordinator = coordinatorKey(target)
    if (coordinator !== undefined) return await this.#coordinator(coordinator, options)
    if (target === 'controller') return await this.#controller(options)
    if ('leaderOf' in target) return await this.#leader(target.leaderOf, options)
    if ('nodeId' in target) return await this.#node(target.nodeId, options)
    throw new TypeError(`there is no such target: ${JSON.stringify(target)}`)
  }

  async #controller(options: CallOptions): Promise<BrokerAddress> {
    const { brokers, controllerId } = await this.#currentCluster(options)
    const node = brokers.get(controllerId)
    if (node === undefined)
      throw new KafkaError('NOT_CONTROLLER', 'the cluster has no controller at this moment')
    return node
  }

  /** A broker that is not known may have come since: then it is asked for. */
  async #node(nodeId: number, options: CallOptions): Promise<BrokerAddress> {
    const { brokers } = await this.#currentCluster(options)
    const node = brokers.get(nodeId) ?? (await this.askMetadata([], options)).brokers.get(nodeId)
    if (node === undefined)
      throw new KafkaError('BROKER_NOT_AVAILABLE', `there is no broker ${nodeId} in the cluster`)
    return node
  }

  async #leader({ topic, partition }: TopicPartition, options: CallOptions): Promise<BrokerAddress> {
    const { partitions } = await this.topics.lookUp(topic, options)
    const known = partitions[partition]
    const name = `${topic}-${partition}`
    if (known === undefined)
      throw new KafkaError('UNKNOWN_TOPIC_OR_PARTITION', `there is no partition ${name}`)
    if (known.leaderId < 0)
      throw new KafkaError('LEADER_NOT_AVAILABLE', `nobody leads ${name} at this moment`)
    return await this.#node(known.leaderId, options)
  }

  async #coordinator(coordinator: CoordinatorKey, options: CallOptions): Promise<BrokerAddress> {
    const { key, keyType } = coordinator
    const known = this.#coordinators.get(textOf(coordinator))
    if (known !== undefined) return known
    const link = await this.#anyLink()
    const response = await link.call(
      findCoordinatorApi,
      // Several can be asked for at once since version 4 (KIP-699).
      (version) => (version >= 4 ? { key: '', keyType, coordinatorKeys: [key] } : { key, keyType }),
      options,
    )
    const found = coordinatorIn(response)
    const what = keyType === 0 ? 'group' : 'transactional id'
    throwResponseError(found.errorCode, `the coordinator of ${what} '${key}'`, found.errorMessage)
    this.#coordinators.set(textOf(coordinator), found)
    return found
  }

  /** Brokers and controller, asked for when they are not known or too old. */
  async #currentCluster(options: CallOptions): Promise<Omit<KnownCluster, 'fetchedMs'>> {
    const known = this.#cluster
    const ageMs = this.#env.clock.monotonicMs() - (known?.fetchedMs ?? 0)
    if (known !== undefined && ageMs <= this.#limits.metadataMaxAgeMs) return known
    return await this.askMetadata([], options)
  }

  /** A broker sends the client away (KIP-1102): all that it knew may belong to brokers that are another cluster's by now. */
  #beginAgain(): never {
    this.#cluster = undefined
    this.#coordinators.clear()
    this.#links.retire(sharedPurpose)
    const addresses = this.#bootstrap.map(formatAddress).join(', ')
    throw new ConnectionError(addresses, 'a broker sends its clients back to their bootstrap servers')
  }
}

function coordinatorKey(target: Target): CoordinatorKey | undefined {
  if (typeof target === 'string') return undefined
  if ('group' in target) return { key: target.group, keyType: 0 }
  return 'transactionalId' in target ? { key: target.transactionalId, keyType: 1 } : undefined
}

function textOf({ key, keyType }: CoordinatorKey): string {
  return `${keyType} ${key}`
}

function coordinatorIn(response: FindCoordinatorResponse): FindCoordinatorResponse['coordinators'][number] {
  // Before version 4 there is one, and it is the response itself (KIP-699).
  const { errorCode, errorMessage, nodeId, host, port } = response
  return response.coordinators[0] ?? { key: '', errorCode, errorMessage, nodeId, host, port }
}

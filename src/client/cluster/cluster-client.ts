import type { Env } from '../../env/env.ts'
import { errorCodes, errorName } from '../../wire/error-codes.ts'
import { KafkaError } from '../../wire/kafka-error.ts'
import { metadataRequest, metadataResponse } from '../../wire/messages/03-metadata.ts'
import {
  type FindCoordinatorResponse,
  findCoordinatorRequest,
  findCoordinatorResponse,
} from '../../wire/messages/10-find-coordinator.ts'
import { type BrokerAddress, parseBootstrapServers } from '../network/broker-address.ts'
import { BrokerLinks } from '../network/broker-links.ts'
import { type ClientLimitOptions, type ClientLimits, resolveClientLimits } from './client-options.ts'
import { ClusterMetadata, type TopicPartition } from './cluster-metadata.ts'
import { orAborted, retry } from './retry.ts'
import { nameOf, rpc, type Rpc } from '../network/rpc.ts'
import { TcpTransport } from '../network/tcp-transport.ts'
import type { BrokerLink, CallInput, CallOptions, Transport } from '../network/transport.ts'

/** How a {@link ClusterClient} is made. */
export interface ClusterClientOptions {
  readonly env: Pick<Env, 'clock' | 'random'>
  /** Brokers to begin with, as Kafka's `bootstrap.servers`: `host:port`, separated by commas. */
  readonly bootstrapServers: string
  /** Kafka's `client.id`. Default `tidemark`. */
  readonly clientId?: string
  readonly limits?: ClientLimitOptions
  /** The way to the brokers. Default: TCP. One that is given is not closed with the client. */
  readonly transport?: Transport
}

/** Who is to answer: anybody, the controller, a broker, the coordinator of a group, or the leader of a partition. */
export type Target =
  | 'any'
  | 'controller'
  | { readonly nodeId: number }
  | { readonly group: string }
  | { readonly leaderOf: TopicPartition }

/** How to ask a cluster. `timeoutMs` is for each attempt. */
export interface ClusterCallOptions<Value> extends CallOptions {
  /** The error that the response as a whole carries, if it can: it is thrown as a KafkaError, after retries if they may help. */
  readonly errorCodeOf?: (response: Value) => number
}

const metadataApi = rpc(metadataRequest, metadataResponse)
const findCoordinatorApi = rpc(findCoordinatorRequest, findCoordinatorResponse)
const groupKeyType = 0

/**
 * A cluster as one thing that can be asked: finds the broker that a request is for, and asks again, somebody else if need
 * be, while that may help.
 */
export class ClusterClient implements Disposable {
  readonly #env: Pick<Env, 'clock' | 'random'>
  readonly #limits: ClientLimits
  readonly #bootstrap: readonly BrokerAddress[]
  readonly #ownTransport: Transport | undefined
  readonly #links: BrokerLinks
  /** The last that was heard of brokers and controller, and when. Topics are not kept. */
  #cluster: { readonly metadata: ClusterMetadata; readonly fetchedMs: number } | undefined
  readonly #coordinators = new Map<string, BrokerAddress>()

  /** @throws TypeError for addresses or options that are none, RangeError for limits out of range */
  constructor({ env, bootstrapServers, clientId, limits = {}, transport }: ClusterClientOptions) {
    this.#env = env
    this.#limits = resolveClientLimits(limits)
    this.#bootstrap = parseBootstrapServers(bootstrapServers)
    const tcpOptions = { clock: env.clock, limits, ...(clientId === undefined ? {} : { clientId }) }
    this.#ownTransport = transport === undefined ? new TcpTransport(tcpOptions) : undefined
    this.#links = new BrokerLinks(transport ?? (this.#ownTransport as Transport))
  }

  /**
   * Reaches one of the bootstrap servers, without retries: tells whether there is a cluster at all.
   *
   * @throws ConnectionError, TimeoutError, UnsupportedVersionError
   */
  async connect(signal?: AbortSignal): Promise<void> {
    await orAborted(this.#links.toAny(this.#bootstrap), signal)
  }

  /** What the cluster says of itself and `topics`; `null` asks for all topics. None is created by this. */
  async metadata(
    topics: readonly string[] | null,
    options: Pick<CallOptions, 'signal'> = {},
  ): Promise<ClusterMetadata> {
    const asked = topics === null ? null : topics.map((name) => ({ name }))
    const request = { topics: asked, allowAutoTopicCreation: false }
    const response = await this.call('any', metadataApi, request, options)
    return this.#noted(new ClusterMetadata(response))
  }

  /**
   * Asks `target`, and again after errors that may pass, until `apiTimeoutMs` is over.
   *
   * @throws KafkaError for what `errorCodeOf` finds, and all that {@link BrokerLink.call} throws
   */
  async call<Input, Value>(
    target: Target,
    api: Rpc<Input, Value>,
    input: CallInput<Input>,
    options: ClusterCallOptions<Value> = {},
  ): Promise<Value> {
    const { errorCodeOf, ...callOptions } = options
    const attempt = async (): Promise<Value> => {
      const link = await orAborted(this.#linkTo(target, callOptions), callOptions.signal)
      const response = await link.call(api, input, callOptions)
      throwError(errorCodeOf?.(response) ?? errorCodes.NONE, nameOf(api))
      return response
    }
    return await retry(attempt, {
      env: this.#env,
      limits: this.#limits,
      signal: callOptions.signal,
      onRetry: () => this.#doubt(target),
    })
  }

  /** Closes all connections; calls under way reject. Idempotent. */
  close(): void {
    this.#links.close()
    this.#ownTransport?.close()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  async #linkTo(target: Target, options: CallOptions): Promise<BrokerLink> {
    if (target === 'any') return await this.#anyLink()
    if (target !== 'controller' && 'group' in target)
      return await this.#links.to(await this.#coordinator(target.group, options))
    return await this.#links.to(await this.#node(target, options))
  }

  async #anyLink(): Promise<BrokerLink> {
    const known = [...(this.#cluster?.metadata.brokers.values() ?? [])]
    return this.#links.leastLoaded() ?? (await this.#links.toAny([...known, ...this.#bootstrap]))
  }

  async #node(
    target: Exclude<Target, 'any' | { readonly group: string }>,
    options: CallOptions,
  ): Promise<BrokerAddress> {
    if (target !== 'controller' && 'leaderOf' in target) return await this.#leader(target.leaderOf, options)
    const metadata = await this.#currentCluster(options)
    const node = metadata.brokers.get(target === 'controller' ? metadata.controllerId : target.nodeId)
    if (node !== undefined) return node
    if (target === 'controller')
      throw new KafkaError('NOT_CONTROLLER', 'the cluster has no controller at this moment')
    throw new KafkaError('BROKER_NOT_AVAILABLE', `there is no broker ${target.nodeId} in the cluster`)
  }

  async #leader(of: TopicPartition, options: CallOptions): Promise<BrokerAddress> {
    const metadata = await this.#askMetadata([of.topic], options)
    const leader = metadata.leaderOf(of)
    const name = `${of.topic}-${of.partition}`
    if (leader === undefined)
      throw new KafkaError('UNKNOWN_TOPIC_OR_PARTITION', `there is no partition ${name}`)
    const node = metadata.brokers.get(leader)
    if (node === undefined)
      throw new KafkaError('LEADER_NOT_AVAILABLE', `nobody leads ${name} at this moment`)
    return node
  }

  async #coordinator(group: string, options: CallOptions): Promise<BrokerAddress> {
    const known = this.#coordinators.get(group)
    if (known !== undefined) return known
    const link = await this.#anyLink()
    const request = { key: group, keyType: groupKeyType, coordinatorKeys: [group] }
    const response = await link.call(
      findCoordinatorApi,
      (version) => (version >= 4 ? { ...request, key: '' } : { ...request, coordinatorKeys: [] }),
      options,
    )
    const found = coordinatorIn(response)
    throwError(found.errorCode, `the coordinator of group '${group}'`, found.errorMessage)
    this.#coordinators.set(group, found)
    return found
  }

  /** Brokers and controller, asked for when they are not known or too old. */
  async #currentCluster(options: CallOptions): Promise<ClusterMetadata> {
    const known = this.#cluster
    const ageMs = this.#env.clock.monotonicMs() - (known?.fetchedMs ?? 0)
    if (known !== undefined && ageMs <= this.#limits.metadataMaxAgeMs) return known.metadata
    return await this.#askMetadata([], options)
  }

  async #askMetadata(topics: readonly string[], options: CallOptions): Promise<ClusterMetadata> {
    const link = await this.#anyLink()
    const request = { topics: topics.map((name) => ({ name })), allowAutoTopicCreation: false }
    return this.#noted(new ClusterMetadata(await link.call(metadataApi, request, options)))
  }

  #noted(metadata: ClusterMetadata): ClusterMetadata {
    this.#cluster = { metadata, fetchedMs: this.#env.clock.monotonicMs() }
    return metadata
  }

  /** Something failed: whoever was asked may have moved. What was known is still a way back in, but is to be asked for again. */
  #doubt(target: Target): void {
    if (typeof target === 'object' && 'group' in target) this.#coordinators.delete(target.group)
    if (this.#cluster !== undefined) this.#cluster = { ...this.#cluster, fetchedMs: Number.NEGATIVE_INFINITY }
  }
}

function coordinatorIn(response: FindCoordinatorResponse): FindCoordinatorResponse['coordinators'][number] {
  // Before version 4 there is one, and it is the response itself (KIP-699).
  const { errorCode, errorMessage, nodeId, host, port } = response
  return response.coordinators[0] ?? { key: '', errorCode, errorMessage, nodeId, host, port }
}

function throwError(errorCode: number, what: string, errorMessage: string | null = null): void {
  if (errorCode === errorCodes.NONE) return
  const name = errorName(errorCode) ?? 'UNKNOWN_SERVER_ERROR'
  const reason = errorMessage === null || errorMessage === '' ? '' : `: ${errorMessage}`
  throw new KafkaError(name, `${what}: ${name}${reason}`)
}

import type { Clock, Env } from '../../env/env.ts'
import { nodeClock } from '../../env/node-clock.ts'
import { nodeRandom } from '../../env/node-random.ts'
import { Timers } from '../../env/timers.ts'
import { errorCodes } from '../../wire/error-codes.ts'
import { parseBootstrapServers } from '../network/broker-address.ts'
import { BrokerLinks } from '../network/broker-links.ts'
import { ReconnectBackoff } from '../network/reconnect-backoff.ts'
import { nameOf, type Rpc } from '../network/rpc.ts'
import type { TlsSettings } from '../network/dial.ts'
import { TcpTransport } from '../network/tcp-transport.ts'
import type { BrokerLink, CallInput, CallOptions, Transport } from '../network/transport.ts'
import { BrokerFinder, type Target } from './broker-finder.ts'
import { type ClientLimitOptions, type ClientLimits, resolveClientLimits } from './client-options.ts'
import type { BrokerNode, ClusterMetadata } from './cluster-metadata.ts'
import { throwResponseError } from './response-error.ts'
import { orAborted, retry } from './retry.ts'
import type { TopicDirectory } from './topic-directory.ts'

export type { Target } from './broker-finder.ts'

/** How a {@link ClusterClient} is made. */
export interface ClusterClientOptions {
  /** Clock and randomness. Default: the computer's. */
  readonly env?: Pick<Env, 'clock' | 'random'>
  /** Brokers to begin with, as Kafka's `bootstrap.servers`: `host:port`, separated by commas. */
  readonly bootstrapServers: string
  /** Kafka's `client.id`. Default `tidemark`. */
  readonly clientId?: string
  readonly limits?: ClientLimitOptions
  /** Encrypts connections; `true` for what Node trusts by default. Not for a transport that is given. Default: no encryption. */
  readonly tls?: TlsSettings
  /** The way to the brokers. Default: TCP. One that is given is not closed with the client. */
  readonly transport?: Transport
}

/** Which link to take. */
export interface LinkOptions {
  readonly signal?: AbortSignal | undefined
  /**
   * Whatever names a purpose, such as `consumer-1-fetch`, has connections of its own: a broker answers the requests of a connection one
   * after the other, so that a Fetch that waits for records makes all behind it wait. They last until
   * {@link ClusterClient.release}. Default: the connections that all share.
   */
  readonly purpose?: string | undefined
}

/** How to ask a cluster. `timeoutMs` is for each attempt. */
export interface ClusterCallOptions<Value> extends CallOptions, LinkOptions {
  /** The error that the response as a whole carries, if it can: it is thrown as a KafkaError, after retries if they may help. */
  readonly errorCodeOf?: (response: Value) => number
}

/**
 * A cluster as one thing that can be asked: finds the broker that a request is for, and asks again, somebody else if need
 * be, while that may help. Producers, consumers and admins share one. From its first use on it keeps the process alive until it is closed.
 */
export class ClusterClient implements Disposable {
  readonly env: Pick<Env, 'clock' | 'random'>
  readonly limits: ClientLimits
  /** Deadlines over one sleep of the clock; called off when the client is closed. */
  readonly timers: Timers
  readonly #ownTransport: Transport | undefined
  readonly #links: BrokerLinks
  readonly #finder: BrokerFinder
  readonly #connect: (signal?: AbortSignal) => Promise<void>

  /** @throws TypeError for addresses or options that are none, RangeError for limits out of range */
  constructor(options: ClusterClientOptions) {
    const { bootstrapServers, limits = {}, transport } = options
    const env = options.env ?? { clock: nodeClock(), random: nodeRandom() }
    this.env = env
    this.limits = resolveClientLimits(limits)
    const bootstrap = parseBootstrapServers(bootstrapServers)
    this.timers = new Timers(env.clock)
    this.#ownTransport = transport === undefined ? tcpTransport(env.clock, options) : undefined
    const { reconnectBackoffMs: firstMs, reconnectBackoffMaxMs: maxMs } = this.limits
    const backoff = new ReconnectBackoff(env, { firstMs, maxMs })
    this.#links = new BrokerLinks(transport ?? (this.#ownTransport as Transport), backoff)
    this.#finder = new BrokerFinder(env, this.limits, bootstrap, this.#links)
    this.#connect = async (signal) => void (await orAborted(this.#links.toAny(bootstrap), signal))
  }

  /** What is known of topics and their leaders. */
  get topics(): TopicDirectory {
    return this.#finder.topics
  }

  /**
   * Reaches one of the bootstrap servers, without retries: tells whether there is a cluster at all.
   *
   * @throws ConnectionError, TimeoutError, UnsupportedVersionError
   */
  async connect(signal?: AbortSignal): Promise<void> {
    await this.#connect(signal)
  }

  /** What the cluster says of itself and `topics`; `null` asks for all topics. None is created by this. */
  async metadata(
    topics: readonly string[] | null,
    options: Pick<CallOptions, 'signal'> = {},
  ): Promise<ClusterMetadata> {
    const ask = () => this.#finder.askMetadata(topics, options)
    return await this.#retry('any', ask, options.signal)
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
    const { errorCodeOf, signal, timeoutMs } = options
    const attempt = async (): Promise<Value> => {
      const link = await this.link(target, options)
      const response = await link.call(api, input, { signal, timeoutMs })
      throwResponseError(errorCodeOf?.(response) ?? errorCodes.NONE, nameOf(api))
      return response
    }
    return await this.#retry(target, attempt, signal)
  }

  /**
   * A link to `target`, for requests whose errors the caller handles: nothing is retried. It may be lost at any time; then
   * {@link doubt} the target, and take another.
   *
   * @throws KafkaError when there is no such broker now; ConnectionError, TimeoutError; ClosedError after {@link close}
   */
  async link(target: Target, { signal, purpose }: LinkOptions = {}): Promise<BrokerLink> {
    return await orAborted(this.#finder.link(target, purpose, { signal }), signal)
  }

  /** Closes the links of `purpose`; calls under way on them reject. */
  release(purpose: string): void {
    this.#links.release(purpose)
  }

  /** Forgets who `target` is: the next to need it asks. */
  doubt(target: Target): void {
    this.#finder.doubt(target)
  }

  /** Takes over where brokers are reached, which a response told beside the leaders (KIP-951). */
  learnBrokers(nodes: readonly BrokerNode[]): void {
    this.#finder.learnBrokers(nodes)
  }

  /** Closes all connections; calls under way reject. Idempotent. */
  close(): void {
    this.#links.close()
    this.#ownTransport?.close()
    this.timers.close()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  async #retry<T>(target: Target, attempt: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    const onRetry = (): void => this.doubt(target)
    return await retry(attempt, { env: this.env, limits: this.limits, signal, onRetry })
  }
}

function tcpTransport(clock: Clock, { clientId, limits = {}, tls }: ClusterClientOptions): TcpTransport {
  return new TcpTransport({
    ...{ clock, limits },
    ...(clientId === undefined ? {} : { clientId }),
    ...(tls === undefined ? {} : { tls }),
  })
}

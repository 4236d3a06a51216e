import { resolve } from 'node:path'
import { ClosedError } from '../base/errors.ts'
import { Admin } from '../client/admin/admin.ts'
import { ClusterClient } from '../client/cluster/cluster-client.ts'
import { Consumer, type ConsumerOptions } from '../client/consumer/consumer.ts'
import { type KafkaProducerOptions, Producer, type ProducerOptions } from '../client/producer/producer.ts'
import type { Bytes } from '../batch/record-input.ts'
import { nodeEnv } from '../env/node-env.ts'
import type { Backend } from './embedded-broker.ts'
import { OpenClients } from './open-clients.ts'
import {
  type ConnectOptions,
  type MemoryOptions,
  type OpenOptions,
  resolveConnectOptions,
  resolveMemoryOptions,
  resolveOpenOptions,
} from './tidemark-options.ts'

/**
 * A cluster to produce to, consume from and administer: a data directory of this process, memory, or brokers elsewhere. What is
 * done with it is the same for all three.
 *
 * ```ts
 * await using tidemark = await Tidemark.open('./data')
 * await tidemark.admin().createTopics([{ name: 'orders', partitions: 4 }])
 * await tidemark.producer().send({ topic: 'orders', key: 'k', value: 'v' })
 * const consumer = tidemark.consumer({ groupId: 'billing', topics: ['orders'], autoOffsetReset: 'earliest' })
 * for await (const { key, value } of consumer) bill(key, value)
 * ```
 *
 * Producers, consumers and admins share its connections, and are closed with it.
 */
export class Tidemark implements AsyncDisposable {
  readonly #backend: Backend
  readonly #consumers = new OpenClients()
  readonly #producers = new OpenClients()
  #closing: Promise<void> | undefined

  private constructor(backend: Backend) {
    this.#backend = backend
  }

  /**
   * Opens a data directory, which is made if there is none, and runs a broker on it in this process. An unclean stop is
   * recovered from; a log that is damaged is fenced, and the others serve. The directory is laid out as Apache Kafka's.
   *
   * @throws LockedError when another process has the directory; CorruptionError, StorageError when it cannot be used
   */
  static async open(directory: string, options: OpenOptions = {}): Promise<Tidemark> {
    const { env = nodeEnv(), durability, onOpened, config, ...rest } = resolveOpenOptions(options)
    const { openEmbedded } = await import('./embedded-broker.ts')
    const backend = await openEmbedded({
      ...{ ...rest, env, directories: [resolve(directory)] },
      config: { 'tidemark.durability': durability, ...config },
    })
    const tidemark = new Tidemark(backend)
    try {
      onOpened(backend.broker.opening)
      return tidemark
    } catch (error) {
      await tidemark.close()
      throw error
    }
  }

  /** Runs a broker in this process that keeps everything in memory, for tests and for what need not be kept. */
  static async memory(options: MemoryOptions = {}): Promise<Tidemark> {
    const { clock, seed, config, ...rest } = resolveMemoryOptions(options)
    const [{ memoryEnv }, { openEmbedded }] = await Promise.all([
      import('../testing/memory-env.ts'),
      import('./embedded-broker.ts'),
    ])
    const given = { ...(clock === undefined ? {} : { clock }), ...(seed === undefined ? {} : { seed }) }
    const env = memoryEnv({ ...given, crashable: false })
    const backend = await openEmbedded({
      ...rest,
      env,
      directories: ['/tidemark'],
      config: { ...memoryConfig, ...config },
    })
    return new Tidemark(backend)
  }

  /**
   * Connects to brokers over TCP: Tidemark's or Apache Kafka's.
   *
   * @param servers some of them, as Kafka's `bootstrap.servers`: `host:port`, separated by commas
   * @throws ConnectionError, TimeoutError when none of them can be reached, UnsupportedVersionError
   */
  static async connect(servers: string, options: ConnectOptions = {}): Promise<Tidemark> {
    const { signal, tls, ...rest } = resolveConnectOptions(options)
    const given = { ...rest, ...(tls === undefined ? {} : { tls }) }
    const client = new ClusterClient({ ...given, env: nodeEnv(), bootstrapServers: servers })
    try {
      await client.connect(signal)
    } catch (error) {
      client.close()
      throw error
    }
    return new Tidemark({ client, bootstrap: servers, close: async () => {} })
  }

  /** Over a cluster that was opened in another way. The client is closed with it, and then `backend.close` is called. */
  static over(backend: Backend): Tidemark {
    return new Tidemark(backend)
  }

  /** `host:port` at which others reach the same cluster; undefined for a broker of this process that does not listen. */
  get bootstrap(): string | undefined {
    return this.#backend.bootstrap
  }

  /** Sends records. @throws ClosedError after {@link close}, TypeError or RangeError for options that are none */
  producer<K = Bytes, V = Bytes>(options: ProducerOptions<K, V> & KafkaProducerOptions = {}): Producer<K, V> {
    return this.#producers.add(new Producer<K, V>(this.#client, options))
  }

  /** Reads records. @throws as {@link producer} does */
  consumer<K = Buffer, V = Buffer>(options: ConsumerOptions<K, V> = {}): Consumer<K, V> {
    return this.#consumers.add(new Consumer<K, V>(this.#client, options))
  }

  /** Looks at and changes topics, configs, groups and offsets. @throws ClosedError after {@link close} */
  admin(): Admin {
    return new Admin(this.#client)
  }

  /**
   * Ends in order: consumers leave their groups, producers send what they still have, connections close, and a broker of this
   * process closes its logs, so that the next start need not look into them. Idempotent.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  get #client(): ClusterClient {
    if (this.#closing !== undefined) throw new ClosedError('Tidemark is closed')
    return this.#backend.client
  }

  async #close(): Promise<void> {
    const failures = [...(await this.#consumers.closeAll()), ...(await this.#producers.closeAll())]
    this.#backend.client.close()
    await this.#backend.close()
    if (failures.length === 1) throw failures[0]
    if (failures.length > 1)
      throw new AggregateError(failures, `${failures.length} clients could not be closed well`)
  }
}

/** A cluster of one process, gone with it: one log is enough for groups, and nothing is worth a sync. */
const memoryConfig = { 'tidemark.durability': 'os', 'offsets.topic.num.partitions': 1 }

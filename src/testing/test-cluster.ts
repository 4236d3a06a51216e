import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { nearestName } from '../base/nearest-name.ts'
import type { Broker } from '../broker/broker.ts'
import type { Clock, Env } from '../env/env.ts'
import { nodeEnv } from '../env/node-env.ts'
import { BrokerServer } from '../server/broker-server.ts'
import type { Logger } from '../server/server-log.ts'
import type { ErrorName } from '../wire/error-codes.ts'
import { KafkaError } from '../wire/kafka-error.ts'
import { ApiFaults, type InjectedFault } from './api-faults.ts'
import { memoryEnv } from './memory-env.ts'
import { type TestRecord, topicRecords } from './topic-records.ts'

type Settings = Readonly<Record<string, string | number | boolean>>

/** A topic that a test wants. */
export interface TestTopic {
  readonly name: string
  /** Default 1. */
  readonly partitions?: number
  /** By Kafka's names. Default: none. */
  readonly config?: Settings
}

/** How a test cluster is started. */
export interface TestClusterOptions {
  /** Topics that are there from the start; a name stands for a topic of one partition. Default: none. */
  readonly topics?: readonly (string | TestTopic)[]
  /** Where records are kept: `'memory'` leaves no file, `'disk'` takes a temporary directory. Default `'memory'`. */
  readonly storage?: 'memory' | 'disk'
  /**
   * Settings of the broker by Kafka's names. Default: Kafka's own, but that groups do not wait for more members before
   * their first rebalance, and that `__consumer_offsets` has one partition.
   */
  readonly config?: Settings
  /**
   * Default: the computer's. With a `ManualClock` no deadline comes, and nothing grows old, until the test says so; the first
   * generation of a group begins a millisecond after its first member has come.
   */
  readonly clock?: Clock
  /** Makes ids repeatable. Only in memory. Default: the system's randomness. */
  readonly seed?: number
  /** Default: silent. */
  readonly logger?: Logger
}

const optionNames = ['topics', 'storage', 'config', 'clock', 'seed', 'logger']

const testConfig: Settings = {
  listeners: 'PLAINTEXT://127.0.0.1:0',
  'group.initial.rebalance.delay.ms': 0,
  'offsets.topic.num.partitions': 1,
}

/**
 * A broker of this process for a test, with faults at will. Made by `startTestCluster`.
 *
 * An API goes by Kafka's name, such as `'Fetch'`, or its key. Each fault strikes the next request of its API, from
 * whichever client.
 */
export class TestCluster implements AsyncDisposable {
  /** `host:port`: what clients take as bootstrap server. */
  readonly bootstrap: string
  readonly env: Env
  readonly #server: BrokerServer
  readonly #faults: ApiFaults
  readonly #removeFiles: () => void
  #closing: Promise<void> | undefined

  private constructor(server: BrokerServer, faults: ApiFaults, place: Place) {
    this.bootstrap = server.bootstrap
    this.env = place.env
    this.#server = server
    this.#faults = faults
    this.#removeFiles = () => place.remove()
  }

  /** See `startTestCluster`. */
  static async start(options: TestClusterOptions): Promise<TestCluster> {
    refuseUnknown(options)
    const place = placeFor(options)
    const faults = new ApiFaults(place.env.clock)
    try {
      const server = await BrokerServer.start({
        env: place.env,
        directories: [place.directory],
        properties: asProperties({ ...testConfig, ...options.config }),
        interpose: (dispatcher) => faults.before(dispatcher),
        ...(options.logger === undefined ? {} : { logger: options.logger }),
      })
      const cluster = new TestCluster(server, faults, place)
      await cluster.#begin(options.topics ?? [])
      return cluster
    } catch (error) {
      place.remove()
      throw error
    }
  }

  /** The broker itself, for whatever a test wants to look at. */
  get broker(): Broker {
    return this.#server.broker
  }

  /** Connections that are open now. */
  get connectionCount(): number {
    return this.#server.connections.connectionCount
  }

  /**
   * Makes a topic, and resolves when it can be written to.
   *
   * @throws KafkaError TOPIC_ALREADY_EXISTS, INVALID_TOPIC_EXCEPTION, INVALID_CONFIG and so on
   */
  async createTopic(topic: string | TestTopic): Promise<void> {
    const { name, partitions = 1, config = {} } = typeof topic === 'string' ? { name: topic } : topic
    const { broker } = this
    const settings = Object.entries(asProperties(config)).map(([key, value]) => ({ name: key, value }))
    await broker.controller.createTopic({
      name,
      partitionCount: partitions,
      replicationFactor: 1,
      config: broker.configs.planTopic(settings),
    })
    await broker.replicas.settled()
  }

  /**
   * All records of a topic that consumers may see, partition by partition, each in the order of its offsets.
   *
   * @throws KafkaError UNKNOWN_TOPIC_OR_PARTITION
   */
  async records(topic: string): Promise<TestRecord[]> {
    const view = this.broker.view.topics.get(topic)
    if (view === undefined) throw new KafkaError('UNKNOWN_TOPIC_OR_PARTITION', `there is no topic '${topic}'`)
    const partitions = view.partitions.map(({ partition }) => this.broker.replicas.get(topic, partition))
    return (await Promise.all(partitions.map(topicRecords))).flat()
  }

  /**
   * The next request of the API is answered with an error and has no effect. Where the API states errors for topics,
   * partitions or keys, all that were asked for get it. Produce with acks=0 is disconnected, as the protocol has it.
   * Metadata alone has its effect: it still names the brokers, and may make topics.
   *
   * @throws TypeError when there is no such API or error, or none of its responses is known to say it
   */
  failNext(api: string | number, error: ErrorName): InjectedFault {
    return this.#faults.failNext(api, error)
  }

  /** The next request of the API is handled so much later, and what its connection sends behind it waits. */
  delayNext(api: string | number, delayMs: number): InjectedFault {
    return this.#faults.delayNext(api, delayMs)
  }

  /** The next request of the API takes effect, and its client never hears of it. */
  dropNextResponse(api: string | number): InjectedFault {
    return this.#faults.dropNextResponse(api)
  }

  /** The next request of the API has no effect and ends its connection. */
  disconnectNext(api: string | number): InjectedFault {
    return this.#faults.disconnectNext(api)
  }

  /** Disconnects all clients, stops the broker, and removes what it has kept. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#server.close().finally(() => this.#removeFiles())
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #begin(topics: readonly (string | TestTopic)[]): Promise<void> {
    try {
      for (const topic of topics) await this.createTopic(topic)
    } catch (error) {
      await this.close()
      throw error
    }
  }
}

/** Where a broker keeps what it keeps. */
interface Place {
  readonly env: Env
  readonly directory: string
  remove(): void
}

function placeFor({ storage = 'memory', clock, seed }: TestClusterOptions): Place {
  const given = clock === undefined ? {} : { clock }
  if (storage === 'memory') {
    const env = memoryEnv({ ...given, ...(seed === undefined ? {} : { seed }) })
    return { env, directory: '/tidemark', remove: () => {} }
  }
  if (storage !== 'disk') throw new TypeError(`storage is 'memory' or 'disk', not '${String(storage)}'`)
  const env = { ...nodeEnv(), ...given }
  const directory = join(tmpdir(), `tidemark-test-${env.random.bytes(8).toString('hex')}`)
  return { env, directory, remove: () => env.files.removeDirectorySync(directory) }
}

function asProperties(settings: Settings): Record<string, string> {
  return Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, String(value)]))
}

function refuseUnknown(options: TestClusterOptions): void {
  const unknown = Object.keys(options).find((name) => !optionNames.includes(name))
  if (unknown === undefined) return
  const nearest = nearestName(unknown, optionNames)
  throw new TypeError(
    `there is no option '${unknown}'${nearest === undefined ? '' : `: did you mean '${nearest}'?`}`,
  )
}

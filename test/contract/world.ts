import type { ConsumedRecord } from '../../src/client/consumer/consumed-record.ts'
import type { Consumer, ConsumerOptions } from '../../src/client/consumer/consumer.ts'
import type { Producer, ProducerOptions } from '../../src/client/producer/producer.ts'
import type { Bytes } from '../../src/batch/record-input.ts'
import type { Tidemark } from '../../src/embedded/tidemark.ts'
import { nodeClock } from '../../src/env/node-clock.ts'
import { turn } from '../../src/env/turn.ts'

/** What a cluster is started with. */
export type ClusterConfig = Readonly<Record<string, string | number | boolean>>

/** A cluster with nothing in it, and any number of ways to it. */
export interface RunningCluster {
  /** Another way to the cluster; what is opened is closed before the cluster is. */
  open(): Promise<Tidemark>
  stop(): Promise<void>
}

/** A kind of cluster that keeps the contract. */
export interface Backend {
  readonly name: string
  start(config: ClusterConfig): Promise<RunningCluster>
}

/** Settings that make a test quick, on any backend. */
export const contractConfig: ClusterConfig = {
  'group.initial.rebalance.delay.ms': 0,
  'offsets.topic.num.partitions': 1,
  'auto.create.topics.enable': false,
}

/** What the tests of one backend share: its cluster, and names that nobody else uses. */
export class World implements AsyncDisposable {
  readonly tidemark: Tidemark
  readonly #cluster: RunningCluster
  #nameCount = 0

  constructor(cluster: RunningCluster, tidemark: Tidemark) {
    this.#cluster = cluster
    this.tidemark = tidemark
  }

  static async start(backend: Backend, config: ClusterConfig = {}): Promise<World> {
    const cluster = await backend.start({ ...contractConfig, ...config })
    return new World(cluster, await cluster.open())
  }

  /** A name of a topic or group that there is not. */
  name(kind: string): string {
    return `${kind}-${++this.#nameCount}`
  }

  async topic(partitions = 1, config: ClusterConfig = {}): Promise<string> {
    const name = this.name('topic')
    await this.tidemark.admin().createTopics([{ name, partitions, config }])
    await eventually(() => this.tidemark.admin().describeTopics([name]))
    return name
  }

  producer<K = Bytes, V = Bytes>(options: ProducerOptions<K, V> = {}): Producer<K, V> {
    return this.tidemark.producer(options)
  }

  consumer<K = Buffer, V = Buffer>(options: ConsumerOptions<K, V>): Consumer<K, V> {
    return this.tidemark.consumer(options)
  }

  /** Another way to the same cluster. */
  open(): Promise<Tidemark> {
    return this.#cluster.open()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.tidemark.close()
    await this.#cluster.stop()
  }
}

/** What a test that fails waits for. */
const patienceMs = 60_000

/**
 * What `check` resolves to once it does not throw any more. The brokers of Apache Kafka hear of what its controller has done a
 * moment later.
 */
export async function eventually<T>(check: () => T | Promise<T>): Promise<T> {
  const clock = nodeClock()
  const endMs = clock.monotonicMs() + patienceMs
  for (;;)
    try {
      return await check()
    } catch (error) {
      if (clock.monotonicMs() > endMs) throw error
      await turn(clock)
    }
}

/** The next `count` records of a consumer, all of them handled. */
export async function take<K, V>(consumer: Consumer<K, V>, count: number): Promise<ConsumedRecord<K, V>[]> {
  const records: ConsumedRecord<K, V>[] = []
  for await (const record of consumer) {
    records.push(record)
    if (records.length === count) break
  }
  return records
}

/** The values of records as text; `null` for none. */
export function texts(records: readonly ConsumedRecord[]): string[] {
  return records.map(({ value }) => String(value))
}

/** `count` values, in order. */
export function values(count: number, prefix = 'v'): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${index}`)
}

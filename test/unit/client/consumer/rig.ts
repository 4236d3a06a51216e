import { encodeBatch, type EncodeOptions } from '../../../../src/batch/encode-batch.ts'
import type { RecordInput } from '../../../../src/batch/record-input.ts'
import { ClusterClient } from '../../../../src/client/cluster/cluster-client.ts'
import { Consumer, type ConsumerOptions } from '../../../../src/client/consumer/consumer.ts'
import { rpc } from '../../../../src/client/network/rpc.ts'
import { startTestCluster } from '../../../../src/testing/start-test-cluster.ts'
import type { TestCluster, TestClusterOptions } from '../../../../src/testing/test-cluster.ts'
import { produceRequest, produceResponse } from '../../../../src/wire/messages/00-produce.ts'
import { zeroUuid } from '../../../../src/wire/uuid.ts'

const produceApi = rpc(produceRequest, produceResponse, { maxVersion: 12 })

/** A broker of this process, a client of it, and consumers that are closed with them. */
export class ConsumerRig implements AsyncDisposable {
  readonly cluster: TestCluster
  readonly client: ClusterClient
  readonly #consumers: Consumer<never, never>[] = []

  private constructor(cluster: TestCluster) {
    this.cluster = cluster
    const { env, bootstrap: bootstrapServers } = cluster
    this.client = new ClusterClient({
      env,
      bootstrapServers,
      limits: { retryBackoffMs: 5, retryBackoffMaxMs: 20 },
    })
  }

  static async start(options: TestClusterOptions = {}): Promise<ConsumerRig> {
    return new ConsumerRig(await startTestCluster(options))
  }

  /** A consumer with answers that come soon. */
  consumer<K = Buffer, V = Buffer>(options: ConsumerOptions<K, V>): Consumer<K, V> {
    const consumer = new Consumer<K, V>(this.client, { fetchMaxWaitMs: 20, ...options })
    this.#consumers.push(consumer as unknown as Consumer<never, never>)
    return consumer
  }

  /** Appends `values` as one batch; resolves to the offset of the first. */
  async produce(
    topic: string,
    values: readonly (string | RecordInput)[],
    options: { partition?: number } & Partial<EncodeOptions> = {},
  ): Promise<number> {
    const { partition = 0, ...encoding } = options
    const records = values.map((value) => (typeof value === 'string' ? { value } : value))
    return await this.append(topic, partition, encodeBatch(records, { now: 1_700_000_000_000, ...encoding }))
  }

  async append(topic: string, index: number, batch: Buffer): Promise<number> {
    const response = await this.client.call({ leaderOf: { topic, partition: index } }, produceApi, {
      transactionalId: null,
      acks: -1,
      timeoutMs: 10_000,
      topicData: [{ name: topic, topicId: zeroUuid, partitionData: [{ index, records: batch }] }],
    })
    const [answer] = response.responses[0]?.partitionResponses ?? []
    if (answer?.errorCode !== 0) throw new Error(`not appended: error ${answer?.errorCode}`)
    return answer.baseOffset
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#consumers.map((each) => each.close()))
    this.client.close()
    await this.cluster.close()
  }
}

/** The first `count` items. */
export async function take<T>(items: AsyncIterable<T>, count: number): Promise<T[]> {
  const taken: T[] = []
  for await (const item of items) {
    taken.push(item)
    if (taken.length === count) break
  }
  return taken
}

/** Partitions `0` to `count - 1` of a topic. */
export function partitionsOf(topic: string, count = 1): { topic: string; partition: number }[] {
  return Array.from({ length: count }, (_, partition) => ({ topic, partition }))
}

/** `['0', '1', ...]`, from `first` on. */
export function numbers(count: number, first = 0): string[] {
  return Array.from({ length: count }, (_, index) => String(first + index))
}

/** The text of values. */
export function texts(records: Iterable<{ readonly value: Buffer | null }>): string[] {
  return [...records].map(({ value }) => String(value))
}

/** Resolves when `condition` holds, looking once in a turn of the event loop. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve))
}

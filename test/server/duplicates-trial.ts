import { BrokerServer } from '../../src/server/broker-server.ts'
import { type MemoryEnv, memoryEnv } from '../../src/testing/memory-env.ts'
import { type SeededRandom, seededRandom } from '../../src/testing/seeded-random.ts'
import { CuttingProxy } from './cutting-proxy.ts'
import { WireClient } from './wire-client.ts'
import { WireProducer } from './wire-producer.ts'
import { readPartition } from './wire-reader.ts'

/** What idempotent producers are put through. */
export interface DuplicatesTask {
  readonly seed: number
  readonly recordCount: number
  readonly recordsPerBatch: number
  /** One in so many answers is not delivered. */
  readonly cutOneIn: number
  /** Times that the broker is stopped or killed, and started again. */
  readonly restartCount: number
  /** A bug to be found: a broker that starts has forgotten its producers. */
  readonly forgetsProducers?: boolean
}

export interface DuplicatesOutcome {
  readonly cutCount: number
  readonly restartCount: number
  readonly readCount: number
  readonly duplicateCount: number
  readonly lostCount: number
  /** Records that come before one that was sent earlier. */
  readonly disorderCount: number
  /** Acknowledged records that are not at the offset the broker named. */
  readonly misplacedCount: number
}

const topic = 'numbers'
const partitionCount = 4
/** Of an answer that never comes. */
const patienceMs = 250

/** Idempotent producers, five requests in flight each, behind a proxy that cuts them off and a broker that restarts. */
export async function produceThroughCuts(task: DuplicatesTask): Promise<DuplicatesOutcome> {
  const random = seededRandom(task.seed)
  await using broker = await RestartingBroker.start(task.forgetsProducers === true)
  const { cutOneIn } = task
  await using proxy = await CuttingProxy.start({ random, oneIn: cutOneIn, target: broker.port })
  const acknowledged = Array.from({ length: partitionCount }, () => new Map<number, number>())
  let acknowledgedCount = 0
  const countEach = Math.ceil(task.recordCount / partitionCount)
  const producing = acknowledged.map((offsets, partition) =>
    new WireProducer({
      ...{ topic, partition, acks: -1, isIdempotent: true, recordCount: countEach, timeoutMs: patienceMs },
      recordsPerBatch: task.recordsPerBatch,
      recordFor: (index) => ({ value: String(index), timestamp: index }),
      port: () => proxy.port,
      onAcknowledged: (firstIndex, count, baseOffset) => {
        acknowledgedCount += count
        if (baseOffset >= 0) for (let at = 0; at < count; at++) offsets.set(baseOffset + at, firstIndex + at)
      },
    }).run(),
  )
  const produced = Promise.all(producing)
  await restartNowAndThen(task, random, broker, proxy, produced, () => acknowledgedCount)
  await produced
  const counts = await examine(broker.port, acknowledged, countEach)
  return { ...counts, cutCount: proxy.cutCount, restartCount: broker.restartCount }
}

async function restartNowAndThen(
  { recordCount, restartCount }: DuplicatesTask,
  random: SeededRandom,
  broker: RestartingBroker,
  proxy: CuttingProxy,
  produced: Promise<unknown>,
  acknowledgedCount: () => number,
): Promise<void> {
  let isOver = false
  const over = produced.finally(() => (isOver = true))
  for (let time = 1; time <= restartCount; time++) {
    const due = (recordCount * time) / (restartCount + 1)
    while (!isOver && acknowledgedCount() < due)
      await Promise.race([over, new Promise((resolve) => setTimeout(resolve, 1))])
    if (isOver) return
    await broker.restart(random.int(2) === 0 ? 'kill' : 'stop')
    proxy.target = broker.port
  }
}

async function examine(
  port: number,
  acknowledged: readonly ReadonlyMap<number, number>[],
  countEach: number,
) {
  const counts = { readCount: 0, duplicateCount: 0, lostCount: 0, disorderCount: 0, misplacedCount: 0 }
  using client = await WireClient.connect(port)
  for (const [partition, offsets] of acknowledged.entries()) {
    const seen = new Set<number>()
    const indexAt = new Map<number, number>()
    let last = -1
    for await (const { offset, value } of readPartition(client, topic, partition)) {
      const index = Number(String(value))
      counts.readCount++
      if (seen.has(index)) counts.duplicateCount++
      else if (index < last) counts.disorderCount++
      seen.add(index)
      indexAt.set(offset, index)
      last = index
    }
    counts.lostCount += countEach - seen.size
    for (const [offset, index] of offsets) if (indexAt.get(offset) !== index) counts.misplacedCount++
  }
  return counts
}

/** A broker in memory, on a port of this computer, that can be stopped or killed, and starts again. */
class RestartingBroker implements AsyncDisposable {
  readonly #forgetsProducers: boolean
  #env: MemoryEnv = memoryEnv()
  #server!: BrokerServer
  restartCount = 0

  private constructor(forgetsProducers: boolean) {
    this.#forgetsProducers = forgetsProducers
  }

  static async start(forgetsProducers: boolean): Promise<RestartingBroker> {
    const broker = new RestartingBroker(forgetsProducers)
    await broker.#start()
    const config = { 'tidemark.durability': 'os', 'internal.segment.bytes': '262144' }
    await broker.#server.broker.controller.createTopic({
      ...{ name: topic, partitionCount, replicationFactor: 1, config },
    })
    await broker.#server.broker.replicas.settled()
    return broker
  }

  get port(): number {
    return this.#server.endpoints[0]?.port ?? 0
  }

  async restart(how: 'stop' | 'kill'): Promise<void> {
    this.restartCount++
    const old = this.#server
    if (how === 'kill') this.#env = this.#env.kill()
    // What a killed one still tries meets a disk that is not its own any more.
    await old.close().catch((error: unknown) => {
      if (how === 'stop') throw error
    })
    await this.#start()
    if (!this.#forgetsProducers) return
    for (const { log } of this.#server.broker.replicas.partitions()) log.state.producers.clear()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.close()
  }

  async #start(): Promise<void> {
    const properties = { listeners: 'PLAINTEXT://127.0.0.1:0' }
    this.#server = await BrokerServer.start({ env: this.#env, directories: ['/data'], properties })
  }
}

import { setTimeout as sleep } from 'node:timers/promises'
import type { ConsumedRecord } from '../../src/client/consumer/consumed-record.ts'
import type { Consumer } from '../../src/client/consumer/consumer.ts'
import { Tidemark } from '../../src/embedded/tidemark.ts'
import { seededRandom } from '../../src/testing/seeded-random.ts'
import { CuttingProxy } from '../server/cutting-proxy.ts'
import { freePort } from '../server/free-port.ts'
import { BrokerProcess } from './broker-process.ts'

/** What our clients are put through. */
export interface ClientsTask {
  /** An empty one. */
  readonly directory: string
  readonly seed: number
  readonly recordCount: number
  /** How often `tidemark serve` is killed, and started again. */
  readonly killCount: number
  /** One in so many answers is not delivered, or only half of it; 0: all are. */
  readonly cutOneIn: number
  /** How late anything may come that is sent. */
  readonly delayMsMax: number
  /** Whether the producer numbers its batches. Default true. */
  readonly isIdempotent?: boolean
}

/** What came of it. */
export interface ClientsOutcome {
  /** In the log, in the end. */
  readonly written: Faults
  /** By the members of the group, together. */
  readonly consumed: Pick<Faults, 'lostCount' | 'doubledCount'>
  /** Records that a member got where another was due: what follows after each other within an assignment has no gaps. */
  readonly jumps: readonly string[]
  readonly killCount: number
  readonly cutCount: number
}

interface Faults {
  readonly lostCount: number
  readonly doubledCount: number
  /** Records that come before one of the same key that was sent earlier. */
  readonly disorderCount: number
  /** Records that are not at the offset that was acknowledged. */
  readonly misplacedCount: number
}

const topic = 'numbers'
const partitionCount = 4
const keyCount = 50
const patienceMs = 300_000
/** Clients that do not give up, but neither wait for long. */
const limits = {
  ...{ requestTimeoutMs: 2000, apiTimeoutMs: 120_000 },
  ...{ retryBackoffMs: 20, retryBackoffMaxMs: 200, reconnectBackoffMs: 10, reconnectBackoffMaxMs: 100 },
}

/**
 * A producer and a group of two consumers, as applications have them, behind a proxy that cuts connections off, stalls them or slows them
 * down, while the broker is killed again and again. The producer goes on by itself until each record is acknowledged once.
 */
export async function troubleClients(task: ClientsTask): Promise<ClientsOutcome> {
  const { cutOneIn: oneIn, delayMsMax } = task
  const random = seededRandom(task.seed)
  await using proxy = await CuttingProxy.start({ random, oneIn: 0, delayMsMax, target: await freePort() })
  await using brokers = new BrokerLives(task.directory, proxy)
  await brokers.begin()
  await using tidemark = await Tidemark.connect(`127.0.0.1:${proxy.port}`, { limits })
  const config = { 'tidemark.durability': 'os', 'retention.ms': -1 }
  await tidemark.admin().createTopics([{ name: topic, partitions: partitionCount, config }])
  proxy.oneIn = oneIn
  const readers = [new GroupReader(tidemark), new GroupReader(tidemark)]
  const offsets = await produce(tidemark, task, () => brokers.endAndBegin())
  const seen = () =>
    countsOf(
      readers.flatMap(({ indexes }) => indexes),
      task.recordCount,
    )
  await until(() => seen().lostCount === 0)
  proxy.oneIn = 0
  for (const reader of readers) await reader.close()
  return {
    written: await examine(tidemark, offsets),
    consumed: seen(),
    jumps: readers.flatMap(({ jumps }) => jumps),
    killCount: brokers.killCount,
    cutCount: proxy.cutCount,
  }
}

/** Sends all records; in between the broker is killed. Resolves to where each was acknowledged to be. */
async function produce(
  tidemark: Tidemark,
  { recordCount, killCount, isIdempotent = true }: ClientsTask,
  kill: () => Promise<void>,
): Promise<number[]> {
  await using producer = tidemark.producer({ batchSize: 1024, enableIdempotence: isIdempotent })
  const records = Array.from({ length: recordCount }, (_, index) => ({
    ...{ topic, key: `key-${index % keyCount}`, value: String(index) },
  }))
  const offsets: number[] = []
  let kills: Promise<void> = Promise.resolve()
  let killsBegun = 0
  for await (const { offset } of producer.sendFrom(records, { maxPending: 10_000 })) {
    offsets.push(offset)
    if (offsets.length < ((killsBegun + 1) * recordCount) / (killCount + 1) || killsBegun === killCount)
      continue
    killsBegun++
    kills = kills.then(kill)
  }
  await kills
  return offsets
}

/** A member of the group, which notes what it gets. */
class GroupReader {
  readonly indexes: number[] = []
  readonly jumps: string[] = []
  readonly #consumer: Consumer
  readonly #reading: Promise<void>
  /** Per partition of this assignment, the offset that is due. */
  readonly #due = new Map<number, number>()

  constructor(tidemark: Tidemark) {
    const forget = (partitions: readonly { readonly partition: number }[]) => {
      for (const { partition } of partitions) this.#due.delete(partition)
    }
    this.#consumer = tidemark.consumer({
      ...{
        groupId: 'readers',
        topics: [topic],
        autoOffsetReset: 'earliest',
        assignors: ['cooperative-sticky'],
      },
      ...{
        heartbeatIntervalMs: 200,
        sessionTimeoutMs: 10_000,
        autoCommitIntervalMs: 200,
        fetchMaxWaitMs: 100,
      },
      ...{ onAssigned: forget, onRevoked: forget, onLost: forget },
    })
    this.#reading = this.#read()
  }

  async close(): Promise<void> {
    await this.#consumer.close()
    await this.#reading
  }

  async #read(): Promise<void> {
    for await (const record of this.#consumer) this.#take(record)
  }

  #take({ partition, offset, value }: ConsumedRecord): void {
    const due = this.#due.get(partition)
    if (due !== undefined && offset !== due)
      this.jumps.push(`offset ${offset} of partition ${partition} where ${due} is due`)
    this.#due.set(partition, offset + 1)
    this.indexes.push(Number(String(value)))
  }
}

/** Reads the whole topic, and holds it against what was sent. */
async function examine(tidemark: Tidemark, offsets: readonly number[]): Promise<Faults> {
  const assignment = Array.from({ length: partitionCount }, (_, partition) => ({
    topic,
    partition,
    offset: 0,
  }))
  await using consumer = tidemark.consumer({ assignment })
  const ends = await consumer.endOffsets(assignment)
  let left = ends.reduce((sum, { offset }) => sum + offset, 0)
  const indexes: number[] = []
  const lastOf = new Map<string, number>()
  let disorderCount = 0
  let misplacedCount = 0
  for await (const { key, value, offset } of consumer) {
    const index = Number(String(value))
    if (index < (lastOf.get(String(key)) ?? -1)) disorderCount++
    // Of a batch that was found to be there when it was sent again, the broker may not know the offset any more.
    if (offsets[index] !== offset && offsets[index] !== -1) misplacedCount++
    lastOf.set(String(key), index)
    indexes.push(index)
    if (--left === 0) break
  }
  return { ...countsOf(indexes, offsets.length), disorderCount, misplacedCount }
}

/** Which of `count` numbers are missing among `indexes`, and how many are there more than once. */
function countsOf(indexes: readonly number[], count: number) {
  const seenCount = new Set(indexes).size
  return { lostCount: count - seenCount, doubledCount: indexes.length - seenCount }
}

async function until(isDue: () => boolean): Promise<void> {
  const endMs = performance.now() + patienceMs
  while (!isDue() && performance.now() < endMs) await sleep(50)
}

/** Brokers on one directory, one after the other, which clients reach through a proxy. */
class BrokerLives implements AsyncDisposable {
  readonly #directory: string
  readonly #proxy: CuttingProxy
  #broker: BrokerProcess | undefined
  killCount = 0

  constructor(directory: string, proxy: CuttingProxy) {
    this.#directory = directory
    this.#proxy = proxy
  }

  /** @throws Error when it does not start, or has lost a log */
  async begin(): Promise<void> {
    const properties = {
      ...{ 'offsets.topic.num.partitions': '1', 'group.initial.rebalance.delay.ms': '0' },
      'advertised.listeners': `PLAINTEXT://127.0.0.1:${this.#proxy.port}`,
    }
    const broker = BrokerProcess.start({ directory: this.#directory, properties, port: this.#proxy.target })
    this.#broker = broker
    const ready = await broker.ready
    if (ready === undefined || ready.fenced.length > 0) throw new Error(broker.failure ?? 'a log is fenced')
  }

  async endAndBegin(): Promise<void> {
    this.killCount++
    await this.#broker?.kill()
    await this.begin()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#broker?.kill()
  }
}

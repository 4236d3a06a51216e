import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Durability } from '../../src/log/public.ts'
import { type SeededRandom, seededRandom } from '../../src/testing/seeded-random.ts'
import { errorCodes, errorName } from '../../src/wire/error-codes.ts'
import { createTopicsRequest, createTopicsResponse } from '../../src/wire/messages/19-create-topics.ts'
import { WireClient } from '../server/wire-client.ts'
import { BrokerCommitter } from './broker-committer.ts'
import { BrokerLane, type LaneTraits } from './broker-lane.ts'
import { BrokerProcess, type BrokerTask } from './broker-process.ts'
import type { Finding } from './finding.ts'
import { nothingHappened, type Outcome } from './outcome.ts'
import type { Workplace } from './trial.ts'

const topic = 'records'
const killsMax = 5
/** Whatever has not come to its end by then has hung. */
const drainMs = 300_000

const traits: readonly LaneTraits[] = [
  { acks: -1, isIdempotent: true },
  { acks: 1, isIdempotent: true },
  { acks: -1, isIdempotent: false },
  { acks: 1, isIdempotent: false },
]

/**
 * Producers and a consumer group at a broker that is killed again and again, at any moment, and started anew. In the end
 * everything is read over the wire. A kill takes no page from the cache, so under every durability what was acknowledged
 * is there.
 */
export async function killBrokers(
  { durability, seed }: { readonly durability: Durability; readonly seed: number },
  { writerPath, directory, mutant }: Workplace,
): Promise<Outcome> {
  const random = seededRandom(seed)
  const lives = new BrokerLives({
    directory: join(directory, 'data'),
    properties: { 'offsets.topic.num.partitions': '1' },
    mutation: mutant && { mutant, path: join(dirname(writerPath), 'mutant-broker.js') },
  })
  try {
    await makeTopic(await lives.port, durability, random)
    const port = () => lives.port
    const lanes = traits.map(
      (each, partition) => new BrokerLane({ topic, partition, seed, traits: each, port }),
    )
    const committer = new BrokerCommitter(topic, port)
    const findings: Finding[] = []
    const running = [...lanes, committer].map((each) =>
      each.run().catch((error: unknown) => {
        findings.push({ kind: 'refused', detail: String(error) })
      }),
    )
    const kills = 1 + random.int(killsMax)
    for (let count = 0; count < kills; count++) await lives.endAndBegin(random)
    for (const each of [...lanes, committer]) each.stop()
    const isDrained = await Promise.race([
      Promise.all(running).then(() => true),
      sleep(drainMs, false, { ref: false }),
    ])
    if (!isDrained)
      findings.push({ kind: 'slow', detail: `not everything was answered within ${drainMs} ms` })
    findings.push(...lives.findings, ...committer.findings, ...(await examine(lanes, await lives.port)))
    const acknowledged = lanes.reduce((sum, { acknowledgedCount }) => sum + acknowledgedCount, 0)
    return { ...nothingHappened, findings, kills, acknowledged: acknowledged + committer.acknowledgedCount }
  } finally {
    await lives.end()
  }
}

/** Brokers on one directory, one after the other. */
class BrokerLives {
  readonly #task: BrokerTask
  #broker: BrokerProcess
  /** Of the broker that lives now; pending until it takes requests. */
  port: Promise<number>
  readonly findings: Finding[] = []

  constructor(task: BrokerTask) {
    this.#task = task
    this.#broker = BrokerProcess.start(task)
    this.port = this.#portOf(this.#broker)
  }

  /** Kills the broker at some moment, while it starts or later, and starts the next. */
  async endAndBegin(random: SeededRandom): Promise<void> {
    const isEarly = random.int(4) === 0
    if (isEarly) await sleep(random.int(400))
    else {
      await this.#broker.ready
      await sleep(20 + random.int(random.pick([50, 400])))
    }
    await this.end()
    this.#broker = BrokerProcess.start(this.#task)
    this.port = this.#portOf(this.#broker)
  }

  async end(): Promise<void> {
    await this.#broker.kill()
    const { failure } = this.#broker
    if (failure !== undefined) this.findings.push({ kind: 'refused', detail: failure })
  }

  /** A port that nobody listens on for a broker that was killed before it had one. */
  async #portOf(broker: BrokerProcess): Promise<number> {
    const ready = await broker.ready
    for (const { partition, reason } of ready?.fenced ?? [])
      this.findings.push({ kind: 'refused', detail: `${partition} is fenced: ${reason}` })
    return Number(ready?.bootstrap.split(':').at(-1) ?? 1)
  }
}

async function makeTopic(port: number, durability: Durability, random: SeededRandom): Promise<void> {
  using client = await WireClient.connect(port)
  const settings = {
    'tidemark.durability': durability,
    'internal.segment.bytes': String(random.pick([64, 128, 1024]) * 1024),
    'retention.ms': '-1',
  }
  const configs = Object.entries(settings).map(([name, value]) => ({ name, value }))
  const body = { name: topic, numPartitions: traits.length, replicationFactor: 1, assignments: [], configs }
  const declared = { request: createTopicsRequest, response: createTopicsResponse }
  const { topics } = await client.call(declared, 7, { topics: [body] })
  const errorCode = topics[0]?.errorCode ?? errorCodes.UNKNOWN_SERVER_ERROR
  if (errorCode !== errorCodes.NONE) throw new Error(`the topic could not be made: ${errorName(errorCode)}`)
}

async function examine(lanes: readonly BrokerLane[], port: number): Promise<Finding[]> {
  const findings: Finding[] = []
  try {
    using client = await WireClient.connect(port)
    for (const lane of lanes) findings.push(...(await lane.examine(client)))
  } catch (error) {
    findings.push({ kind: 'refused', detail: String(error) })
  }
  return findings
}

import { spawnSync } from 'node:child_process'
import { cpuSecondsOf, residentBytesOf } from '../brokers/process-cost.ts'
import { createTopic, measureConsume, measureProduce, type ToolFigures } from '../brokers/kafka-tools.ts'
import { type RunningBroker, serveKafka, serveTidemark } from '../brokers/running-broker.ts'
import type { Contestant, Sample } from '../rounds.ts'
import type { Claim, PreparedSuite, Suite, SuiteContext } from '../suite.ts'

const tidemark = 'tidemark'
const durable = 'tidemark, sync'
const kafka = 'Kafka'

/** What is sent, and how often a run. The first round is long enough for both to be warm in the rounds that count. */
const loads = [
  { topic: 'small-1', partitionCount: 1, recordBytes: 100, recordCount: 1_500_000 },
  { topic: 'small-12', partitionCount: 12, recordBytes: 100, recordCount: 1_500_000 },
  { topic: 'large-1', partitionCount: 1, recordBytes: 1000, recordCount: 500_000 },
  { topic: 'large-12', partitionCount: 12, recordBytes: 1000, recordCount: 500_000 },
] as const
type Load = (typeof loads)[number]

type Doing = 'produce' | 'consume'

/** The broker through the tools that Kafka measures itself with. */
export const brokerSuite: Suite = {
  name: 'broker',
  about:
    "ProducerPerformance (acks=all, a producer's defaults) and ConsumerPerformance of Apache Kafka 4.3.1 against `tidemark serve` " +
    'and against Kafka itself, on the same machine and by turns. Neither waits for the disk; "sync" acknowledges after ' +
    "fdatasync. Kafka runs with the options of its own scripts. CPU is the broker's, user and system, from /proc, by " +
    'GB of values. Tool and broker share the processors. Each begins ' +
    'with nothing left to be written back.',
  async prepare(context): Promise<PreparedSuite> {
    const brokers = await startAll(context)
    const used = context.scale === 1 ? loads : loads.slice(0, 1)
    for (const { address } of brokers)
      for (const { topic, partitionCount } of used) await createTopic(address, topic, partitionCount)
    const measuring = (doing: Doing) =>
      used.flatMap((load) => brokers.map((broker) => contestant(broker, doing, load, context.scale)))
    return {
      contestants: [...measuring('produce'), ...measuring('consume'), ...brokers.map(resident)],
      claims: used.flatMap(claimsOf),
    }
  },
}

/** They end with the process that measures: nothing they keep is wanted again. */
async function startAll({ workspace }: SuiteContext): Promise<RunningBroker[]> {
  // Kafka's broker was started with no delay before the first members of a group are given their partitions.
  const prompt = 'group.initial.rebalance.delay.ms=0'
  const brokers = [
    await serveTidemark(tidemark, workspace.fresh(), ['tidemark.durability=os', prompt]),
    await serveTidemark(durable, workspace.fresh(), [prompt]),
    await serveKafka(kafka, workspace.fresh()),
  ]
  process.once('exit', () => {
    for (const { pid } of brokers) process.kill(pid, 'SIGKILL')
  })
  return brokers
}

function label({ recordBytes, partitionCount }: Load, doing: Doing): string {
  return `${doing} ${recordBytes} B, ${partitionCount} partition${partitionCount === 1 ? '' : 's'}`
}

function claimsOf(load: Load): Claim[] {
  const produce = label(load, 'produce')
  const consume = label(load, 'consume')
  return [
    { figure: `${tidemark}: ${produce}`, against: `${kafka}: ${produce}`, sense: 'at least', bound: 1.2 },
    {
      figure: `${tidemark}: CPU of ${produce}`,
      against: `${kafka}: CPU of ${produce}`,
      sense: 'at most',
      bound: 0.5,
    },
    { figure: `${tidemark}: ${consume}`, against: `${kafka}: ${consume}`, sense: 'at least', bound: 0.8 },
  ]
}

function contestant(broker: RunningBroker, doing: Doing, load: Load, scale: number): Contestant {
  const name = `${broker.name}: ${label(load, doing)}`
  const recordCount = Math.ceil(load.recordCount * scale)
  const run = (): Promise<ToolFigures> =>
    doing === 'produce'
      ? measureProduce(broker.address, load.topic, recordCount, load.recordBytes)
      : measureConsume(broker.address, load.topic, recordCount)
  return {
    name,
    async measure(): Promise<Sample[]> {
      // What the one before has left to be written back is not for this one to wait for.
      spawnSync('sync')
      const before = cpuSecondsOf(broker.pid)
      const { recordsPerSecond, megabytesPerSecond } = await run()
      const cpuSeconds = cpuSecondsOf(broker.pid) - before
      const gigabytes = (recordCount * load.recordBytes) / 1e9
      return [
        { figure: name, unit: 'records/s', value: recordsPerSecond },
        { figure: `${name}, bytes`, unit: 'MB/s', value: megabytesPerSecond },
        {
          figure: `${broker.name}: CPU of ${label(load, doing)}`,
          unit: 's/GB',
          value: cpuSeconds / gigabytes,
        },
      ]
    },
  }
}

/** What a broker has resident at the end of each round. */
function resident({ name, pid }: RunningBroker): Contestant {
  const figure = `${name}: resident memory`
  return { name: figure, measure: () => [{ figure, unit: 'bytes', value: residentBytesOf(pid) }] }
}

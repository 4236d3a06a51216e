import { type RunningBroker, serveTidemark } from '../brokers/running-broker.ts'
import { ways } from '../clients/load-client.ts'
import { missingClientsNotice, peerClients } from '../clients/peer-clients.ts'
import { type ClientKind, type Job, WorkerProcess } from '../clients/worker-process.ts'
import type { Contestant, Sample } from '../rounds.ts'
import { rate } from '../stopwatch.ts'
import type { Claim, PreparedSuite, Suite, SuiteContext } from '../suite.ts'

/** Records of one measurement: fewer over TCP, where some take longer. */
const embeddedCount = 1_000_000
const tcpCount = 300_000

/** Where clients read, the same records each time, and where they write. */
const fullTopic = 'full'
const openTopic = 'open'

const names: Readonly<Record<ClientKind, string>> = {
  embedded: 'embedded',
  tidemark: 'TCP',
  kafkajs: 'KafkaJS',
  platformatic: '@platformatic/kafka',
}

/** What our client is to reach over TCP of the speed of KafkaJS. */
const leastRatio = 1.5

const claims: readonly Claim[] = [
  { figure: 'embedded: produce', sense: 'at least', bound: 400_000 },
  { figure: 'embedded: for await', sense: 'at least', bound: 800_000 },
  { figure: 'embedded: batches()', sense: 'at least', bound: 800_000 },
  { figure: 'TCP: produce', against: 'KafkaJS: produce', sense: 'at least', bound: leastRatio },
  { figure: 'TCP: for await', against: 'KafkaJS: eachMessage', sense: 'at least', bound: leastRatio },
  { figure: 'TCP: batches()', against: 'KafkaJS: eachBatch', sense: 'at least', bound: leastRatio },
]

/** Clients, each in a process of its own: ours with a broker of its process, and over TCP beside two others. */
export const clientsSuite: Suite = {
  name: 'clients',
  about:
    "Records of 100 B without keys, one partition, acks=all, durability 'os', 10,000 under way: from `send` to the " +
    'acknowledgement, and from the first record read to the last. Our client is given each record by a call of its own; the others, ' +
    'which do not gather what several calls send, 500 by a call. Embedded, client and broker are one process; over TCP all use ' +
    'the same `tidemark serve`, on the same machine. By CPU second: of all threads of the client.',
  packages: Object.values(peerClients),
  async prepare(context): Promise<PreparedSuite> {
    const embedded = await WorkerProcess.start('embedded', context.workspace.fresh())
    const broker = await serveForClients(context)
    const overTcp = await startOverTcp(broker)
    const [[, ours]] = overTcp
    await fill(embedded, counted('embedded', context))
    await fill(ours, counted('tidemark', context))
    return {
      async end() {
        for (const worker of [embedded, ...overTcp.map(([, each]) => each)]) await worker.end()
        await broker[Symbol.asyncDispose]()
      },
      contestants: [['embedded', embedded] as const, ...overTcp].flatMap(([kind, worker]) =>
        contestantsOf(kind, worker, counted(kind, context)),
      ),
      claims: context.scale === 1 ? claims : [],
      ratios: [
        ['TCP: produce', '@platformatic/kafka: produce'],
        ['TCP: for await', "@platformatic/kafka: 'data' events"],
      ],
    }
  },
}

/** A broker that ends with this process at the latest. */
export async function serveForClients({ workspace }: SuiteContext): Promise<RunningBroker> {
  // Otherwise a group waits for more members before its first one is given anything.
  const settings = ['tidemark.durability=os', 'group.initial.rebalance.delay.ms=0']
  const broker = await serveTidemark('tidemark', workspace.fresh(), settings)
  const kill = (): unknown => process.kill(broker.pid, 'SIGKILL')
  process.once('exit', kill)
  return {
    ...broker,
    async [Symbol.asyncDispose]() {
      process.off('exit', kill)
      await broker[Symbol.asyncDispose]()
    },
  }
}

type Started = readonly [kind: ClientKind, worker: WorkerProcess]

/** Ours is the first. */
async function startOverTcp({ address }: RunningBroker): Promise<[Started, ...Started[]]> {
  const start = async (kind: ClientKind): Promise<Started> => [kind, await WorkerProcess.start(kind, address)]
  const notice = missingClientsNotice()
  if (notice !== undefined) console.error(`${notice}\n`)
  const others = notice === undefined ? [await start('kafkajs'), await start('platformatic')] : []
  return [await start('tidemark'), ...others]
}

/** Makes both topics: a broker does that by itself for whoever writes to them. */
async function fill(worker: WorkerProcess, recordCount: number): Promise<void> {
  await worker.run({ doing: 'produce', topic: fullTopic, recordCount })
  await worker.run({ doing: 'produce', topic: openTopic, recordCount: 1 })
}

function counted(kind: ClientKind, { scale }: SuiteContext): number {
  return Math.ceil((kind === 'embedded' ? embeddedCount : tcpCount) * scale)
}

function contestantsOf(kind: ClientKind, worker: WorkerProcess, recordCount: number): Contestant[] {
  const waysOfKind = kind === 'embedded' ? ways.tidemark : ways[kind]
  const produce: Job = { doing: 'produce', topic: openTopic, recordCount }
  return [
    contestant(`${names[kind]}: produce`, worker, produce),
    ...waysOfKind.map((way) => {
      const consume: Job = { doing: 'consume', topic: fullTopic, recordCount, way }
      return contestant(`${names[kind]}: ${way}`, worker, consume)
    }),
  ]
}

function contestant(name: string, worker: WorkerProcess, job: Job): Contestant {
  return {
    name,
    async measure(): Promise<Sample[]> {
      const { seconds, cpuSeconds, delayP99Ms } = await worker.run(job)
      return [
        rate(name, 'records/s', job.recordCount, seconds),
        rate(`${name}, by CPU second`, 'records/s', job.recordCount, cpuSeconds),
        { figure: `${name}, event-loop delay p99`, unit: 'ms', value: delayP99Ms },
      ]
    },
  }
}

import { setTimeout as delay } from 'node:timers/promises'
import { nodeEnv } from '../../src/env/node-env.ts'
import { BrokerServer } from '../../src/server/broker-server.ts'
import { produceOnce } from '../brokers/first-produce.ts'
import { residentBytesOf } from '../brokers/process-cost.ts'
import { serveTidemark } from '../brokers/running-broker.ts'
import type { Contestant, Sample } from '../rounds.ts'
import { secondsOf } from '../stopwatch.ts'
import type { Claim, PreparedSuite, Suite } from '../suite.ts'

const manyCount = 1000
const mebibyte = 1024 * 1024

/** How long a broker is left alone before its memory is looked at. */
const idleMs = 1000

const names = {
  firstProduce: 'process start to first produce',
  inProcess: 'BrokerServer.start, in process',
  idle: 'resident memory, idle',
  startMany: `process start to ready, ${manyCount} partitions`,
  residentMany: `resident memory, ${manyCount} partitions`,
} as const

const claims: readonly Claim[] = [
  { figure: names.firstProduce, sense: 'at most', bound: 200 },
  { figure: names.inProcess, sense: 'at most', bound: 30 },
  { figure: names.idle, sense: 'at most', bound: 80 * mebibyte },
  { figure: names.startMany, sense: 'at most', bound: 500 },
  { figure: names.residentMany, sense: 'at most', bound: 150 * mebibyte },
]

const properties = { listeners: 'PLAINTEXT://127.0.0.1:0', 'tidemark.durability': 'os' }

/** How soon a broker is there, and what it takes while nobody asks anything of it. */
export const brokerStartSuite: Suite = {
  name: 'broker-start',
  about:
    'From starting `tidemark serve`, Node.js included, on the directory of a broker that was stopped cleanly, to the answer to ' +
    'a first produce, or to its saying that it is ready; and what it then has resident after a second.',
  async prepare({ workspace, scale }): Promise<PreparedSuite> {
    const [few, embedded, many] = [workspace.fresh(), workspace.fresh(), workspace.fresh()]
    await makeTopic(few, 1)
    await makeTopic(embedded, 1)
    await makeTopic(many, Math.ceil(manyCount * scale))
    return {
      contestants: [startAndProduce(few), startHere(embedded), startMany(many)],
      claims: scale === 1 ? claims : [],
    }
  },
}

async function makeTopic(directory: string, partitionCount: number): Promise<void> {
  await using server = await BrokerServer.start({ env: nodeEnv(), directories: [directory], properties })
  await server.broker.controller.createTopic({ name: 'topic', partitionCount, replicationFactor: 1 })
  await server.broker.replicas.settled()
}

function startAndProduce(directory: string): Contestant {
  return {
    name: names.firstProduce,
    async measure(): Promise<Sample[]> {
      const startMs = performance.now()
      await using broker = await serveTidemark('tidemark', directory)
      await produceOnce(broker.address, 'topic')
      const elapsedMs = performance.now() - startMs
      await delay(idleMs)
      return [
        { figure: names.firstProduce, unit: 'ms', value: elapsedMs },
        { figure: names.idle, unit: 'bytes', value: residentBytesOf(broker.pid) },
      ]
    },
  }
}

function startHere(directory: string): Contestant {
  return {
    name: names.inProcess,
    async measure(): Promise<Sample[]> {
      let server: BrokerServer | undefined
      const seconds = await secondsOf(async () => {
        server = await BrokerServer.start({ env: nodeEnv(), directories: [directory], properties })
      })
      await server?.close()
      return [{ figure: names.inProcess, unit: 'ms', value: seconds * 1000 }]
    },
  }
}

function startMany(directory: string): Contestant {
  return {
    name: names.startMany,
    async measure(): Promise<Sample[]> {
      const startMs = performance.now()
      await using broker = await serveTidemark('tidemark', directory)
      const elapsedMs = performance.now() - startMs
      await delay(idleMs)
      return [
        { figure: names.startMany, unit: 'ms', value: elapsedMs },
        { figure: names.residentMany, unit: 'bytes', value: residentBytesOf(broker.pid) },
      ]
    },
  }
}

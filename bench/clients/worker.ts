import { EventLoopDelay } from '../event-loop-delay.ts'
import { randomValues } from '../payloads.ts'
import { KafkaJsClient } from './kafkajs-client.ts'
import { type LoadClient, valueBytes } from './load-client.ts'
import { PlatformaticClient } from './platformatic-client.ts'
import { CostClock } from './cost-clock.ts'
import { type MemorySample, soak } from './soak.ts'
import { TidemarkClient } from './tidemark-client.ts'
import type { Answer, ClientKind, Job, JobCost } from './worker-process.ts'

/**
 * A process with one client under load: its kind and where it connects to are its arguments. It does one job after the other
 * as they are sent to it, and answers with what each has cost it.
 */
const [, , kind = '', place = ''] = process.argv
const [value = Buffer.alloc(0)] = randomValues(1, valueBytes)

const makers: Record<ClientKind, (place: string) => Promise<LoadClient>> = {
  embedded: (directory) => TidemarkClient.open(directory),
  tidemark: (bootstrap) => TidemarkClient.connect(bootstrap),
  kafkajs: (bootstrap) => KafkaJsClient.connect(bootstrap),
  platformatic: (bootstrap) => PlatformaticClient.connect(bootstrap),
}

const client = await makers[kind as ClientKind](place)

async function run(job: Job): Promise<JobCost> {
  const delay = new EventLoopDelay()
  const clock = new CostClock()
  const memory: MemorySample[] = []
  if (job.doing === 'produce') await client.produce(job.topic, value, job.recordCount)
  else if (job.doing === 'consume')
    await client.consume(job.topic, job.recordCount, job.way, () => clock.begin())
  else memory.push(...(await soak(client, value, job)))
  return { ...clock.cost(), delayP99Ms: delay.stop().p99, memory }
}

async function answerTo(job: Job): Promise<Answer> {
  try {
    return { cost: await run(job) }
  } catch (error) {
    return { failure: String(error instanceof Error ? error.stack : error) }
  }
}

process.on('message', (job: Job) => void answerTo(job).then((answer) => process.send?.(answer)))
process.on('disconnect', () => process.exit())
process.send?.({ ready: true })

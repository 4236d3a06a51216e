import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { afterEach, expect, test } from 'vitest'
import { createTopicsRequest, createTopicsResponse } from '../../src/wire/messages/19-create-topics.ts'
import { listOffsetsRequest, listOffsetsResponse } from '../../src/wire/messages/02-list-offsets.ts'
import { freePort } from '../server/free-port.ts'
import { WireClient } from '../server/wire-client.ts'
import { readPartition } from '../server/wire-reader.ts'
import { BrokerProcess, type BrokerTask } from '../torture/broker-process.ts'
import { temporaryDirectory } from '../unit/env/temporary-directory.ts'
import { describeWithKafka, kafkaScript, runKafka } from './kafka/run-kafka.ts'

const topic = 'performance'
const timeout = 900_000
/** Time enough for the half to be noticed, on a machine where this process seldom has its turn. */
const secondsMin = 5

/**
 * Kafka's own measuring programs at a broker that is killed and started again when half is there. The producer is
 * idempotent and waits for all replicas; what it is told of as sent is there, once, and in its order.
 */
describeWithKafka("Kafka's performance tools, while the broker is killed", () => {
  test('a million records of 100 bytes arrive once each', { timeout }, async () => {
    const count = 1_000_000
    const { port, produced, downMs } = await produceThroughKill(count, ['--record-size', '100'])
    expect(produced).toMatch(/^1000000 records sent/m)
    const { stdout } = await runKafka(
      'org.apache.kafka.tools.ConsumerPerformance',
      ...['--bootstrap-server', `127.0.0.1:${port}`, '--topic', topic, '--num-records', String(count)],
      ...['--hide-header', '--timeout', '60000'],
    )
    console.info(`down for ${downMs} ms\nproduced: ${lastLine(produced)}\nconsumed: ${lastLine(stdout)}`)
    expect(Number(lastLine(stdout).split(', ')[4])).toBe(count)
    expect(await endOffset(port)).toBe(count)
  })

  test('numbered records arrive once each, and in order', { timeout }, async () => {
    const count = 300_000
    const { port } = await produceThroughKill(count, ['--payload-monotonic'])
    using client = await WireClient.connect(port)
    let due = 0
    const strays: string[] = []
    for await (const { offset, value } of readPartition(client, topic, 0)) {
      if (offset !== due || Number(String(value)) !== due) strays.push(`${String(value)} at ${offset}`)
      due++
    }
    expect(strays.slice(0, 5)).toEqual([])
    expect(due).toBe(count)
  })
})

/** Resolves when everything is acknowledged, with the port of the second broker, which lives until the test is over. */
async function produceThroughKill(count: number, payload: readonly string[]) {
  const port = await freePort()
  const task: BrokerTask = { directory: join(temporaryDirectory(), 'data'), properties: {}, port }
  await start(task)
  await makeTopic(port)
  const producing = promisify(execFile)(kafkaScript, [
    ...['run', 'org.apache.kafka.tools.ProducerPerformance', '--bootstrap-server', `127.0.0.1:${port}`],
    ...['--topic', topic, '--num-records', String(count), ...payload],
    ...['--throughput', String(count / secondsMin)],
    ...['--command-property', 'enable.idempotence=true', 'acks=all', 'reconnect.backoff.max.ms=100'],
  ])
  let isOver = false
  const over = producing.finally(() => (isOver = true))
  while (!isOver && (await endOffset(port)) < count / 2) await Promise.race([over, sleep(10)])
  expect(isOver, 'everything was produced before the broker was killed').toBe(false)
  await lived.at(-1)?.kill()
  const killedAt = performance.now()
  await start(task)
  const downMs = Math.round(performance.now() - killedAt)
  const { stdout } = await producing
  return { port, produced: stdout, downMs }
}

const lived: BrokerProcess[] = []

afterEach(async () => {
  for (const broker of lived.splice(0)) await broker.kill()
})

async function start(task: BrokerTask): Promise<void> {
  const broker = BrokerProcess.start(task)
  lived.push(broker)
  const ready = await broker.ready
  expect(ready?.fenced, broker.failure).toEqual([])
}

async function makeTopic(port: number): Promise<void> {
  using client = await WireClient.connect(port)
  const declared = { request: createTopicsRequest, response: createTopicsResponse }
  const body = { name: topic, numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }
  const { topics } = await client.call(declared, 7, { topics: [body] })
  expect(topics[0]?.errorCode).toBe(0)
}

async function endOffset(port: number): Promise<number> {
  using client = await WireClient.connect(port)
  const declared = { request: listOffsetsRequest, response: listOffsetsResponse }
  const partitions = [{ partitionIndex: 0, timestamp: -1 }]
  const body = { replicaId: -1, isolationLevel: 0, topics: [{ name: topic, partitions }], timeoutMs: 0 }
  const { topics } = await client.call(declared, 7, body)
  return topics[0]?.partitions[0]?.offset ?? -1
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? ''
}

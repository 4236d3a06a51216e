import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { ClusterClient } from '../../src/client/cluster/cluster-client.ts'
import { Producer } from '../../src/client/producer/producer.ts'
import { ManualClock } from '../../src/testing/manual-clock.ts'
import { memoryEnv } from '../../src/testing/memory-env.ts'
import { errorCodes } from '../../src/wire/error-codes.ts'
import { type Fate, ProducerCluster } from './producer-cluster.ts'

const seed = process.env.TIDEMARK_SEED === undefined ? {} : { seed: Number(process.env.TIDEMARK_SEED) }

const partitionCount = 2

const again = fc.constantFrom(
  errorCodes.NOT_ENOUGH_REPLICAS,
  errorCodes.NOT_LEADER_OR_FOLLOWER,
  errorCodes.REQUEST_TIMED_OUT,
  errorCodes.KAFKA_STORAGE_ERROR,
)
const doubtful = fc.constantFrom(errorCodes.NOT_ENOUGH_REPLICAS_AFTER_APPEND, errorCodes.REQUEST_TIMED_OUT)
const forGood = fc.constantFrom(errorCodes.TOPIC_AUTHORIZATION_FAILED, errorCodes.INVALID_TIMESTAMP)

const fate: fc.Arbitrary<Fate> = fc.oneof(
  {
    weight: 9,
    arbitrary: fc.record({ kind: fc.constant('fine' as const), delayMs: fc.constantFrom(0, 1, 30, 150) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('refused' as const), errorCode: again }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('refused' as const), errorCode: forGood }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('doubtful' as const), errorCode: doubtful }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('broken' as const), isWritten: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('silent' as const), isWritten: fc.boolean() }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'moved' as const }) },
)

/** What a record fails with that has all the time there is. */
const refusal = /TOPIC_AUTHORIZATION_FAILED|INVALID_TIMESTAMP|INVALID_RECORD/

/** So many records for a partition, then a pause. */
const burst = fc.record({
  partition: fc.nat(partitionCount - 1),
  count: fc.integer({ min: 1, max: 16 }),
  pauseMs: fc.constantFrom(0, 7, 20, 150, 700),
})

const plan = fc.record({
  fates: fc.array(fate, { minLength: 10, maxLength: 60 }),
  bursts: fc.array(burst, { minLength: 3, maxLength: 20 }),
  deliveryTimeoutMs: fc.constantFrom(300, 1000, 600_000),
  retries: fc.constantFrom(2, 1_000_000),
  poison: fc.option(fc.nat(60), { nil: -1 }),
})

type Plan = typeof plan extends fc.Arbitrary<infer P> ? P : never

interface Sent {
  readonly value: string
  readonly partition: number
  outcome: 'pending' | 'failed' | number
  error?: Error
}

/** Plays a plan to its end, and tells what became of each record. */
async function play({ fates, bursts, deliveryTimeoutMs, retries, poison }: Plan) {
  const clock = new ManualClock()
  const cluster = new ProducerCluster(clock, partitionCount, fates, (value) => value === `v${poison}`)
  const client = new ClusterClient({
    ...{ env: memoryEnv({ seed: 1, clock }), transport: cluster, bootstrapServers: 'broker:1,broker:2' },
  })
  const producer = new Producer<string, string>(client, {
    ...{ batchSize: 90, lingerMs: 0, requestTimeoutMs: 250, deliveryTimeoutMs, retries },
  })
  const sent: Sent[] = []
  const send = (partition: number): void => {
    const record: Sent = { value: `v${sent.length}`, partition, outcome: 'pending' }
    sent.push(record)
    producer.send({ topic: 'orders', partition, value: record.value }).then(
      ({ offset }) => (record.outcome = offset),
      (error: Error) => Object.assign(record, { outcome: 'failed', error }),
    )
  }
  for (const { partition, count, pauseMs } of bursts) {
    for (let number = 0; number < count; number++) send(partition)
    await clock.runFor(pauseMs)
  }
  const isDone = () => sent.every(({ outcome }) => outcome !== 'pending')
  for (let round = 0; round < 1000 && !isDone(); round++) await clock.runFor(round < 100 ? 50 : 500)
  const metrics = producer.metrics()
  // What comes after all of that must find its way.
  cluster.heal()
  await clock.runFor(1000)
  const countBefore = sent.length
  for (let partition = 0; partition < partitionCount; partition++) send(partition)
  for (let round = 0; round < 400 && !isDone(); round++) await clock.runFor(50)
  client.close()
  return { sent, cluster, metrics, lastSent: sent.slice(countBefore) }
}

test('with idempotence, records are written once and in order, whatever goes wrong; those that fail, at most once', async () => {
  await fc.assert(
    fc.asyncProperty(plan, async (given) => {
      const { sent, cluster, metrics, lastSent } = await play(given)
      for (const [partition, log] of cluster.logs.entries()) {
        expect(new Set(log).size, 'nothing is there twice').toBe(log.length)
        const mine = sent.filter((record) => record.partition === partition)
        const numbers = log.map((value) => Number(value.slice(1)))
        expect(numbers, 'in the order of the calls').toEqual([...numbers].sort((a, b) => a - b))
        for (const { value, outcome } of mine) {
          expect(outcome, 'everything is settled').not.toBe('pending')
          if (outcome === 'failed') continue
          expect(log, 'what is acknowledged is there').toContain(value)
          if (outcome !== -1) expect(log[outcome as number], 'where it is said to be').toBe(value)
        }
      }
      const isPatient = given.deliveryTimeoutMs > 100_000 && given.retries > 100
      const errors = sent.flatMap(({ error }) => (error === undefined ? [] : [error.message]))
      if (isPatient)
        for (const error of errors) expect(error, 'only what is refused for good fails').toMatch(refusal)
      for (const { outcome } of lastSent) expect(outcome, 'all goes on in the end').not.toBe('failed')
      expect(metrics.bufferedBytes).toBe(0)
      const settledCount = metrics.acknowledgedCount + metrics.failedCount
      expect(settledCount, 'each is settled once').toBe(sent.length - lastSent.length)
      expect(cluster.inFlightMax).toBeLessThanOrEqual(5)
    }),
    { numRuns: Number(process.env.TIDEMARK_RUNS ?? 200), ...seed },
  )
})

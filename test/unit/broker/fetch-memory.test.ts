import { expect, test } from 'vitest'
import { encodeBatch } from '../../../src/batch/encode-batch.ts'
import type { Broker } from '../../../src/broker/broker.ts'
import { fetch } from '../../../src/broker/handlers/01-fetch.ts'
import { fetchRequest, type FetchRequestInput } from '../../../src/wire/messages/01-fetch.ts'
import { CountedMemory } from '../log/counted-memory.ts'
import { openBroker, type TestBroker } from './open-broker.ts'

const apiVersion = 12
/** Of each batch: a value of 5,000 bytes, and what is around it. */
const batchBytes = 5070

/** A topic of two partitions with three batches of one record each. */
async function filledBroker(): Promise<TestBroker> {
  const tested = await openBroker()
  const { controller, replicas } = tested.broker
  await controller.createTopic({ name: 'orders', partitionCount: 2, replicationFactor: 1 })
  await replicas.settled()
  for (const partition of [0, 1, 0, 1, 0, 1]) await append(tested.broker, partition)
  return tested
}

async function append(broker: Broker, partition: number): Promise<void> {
  const batch = encodeBatch([{ value: Buffer.alloc(5000) }], { now: 0 })
  await broker.replicas.get('orders', partition).append(batch, { requiredAcks: 1, timeoutMs: 1000 })
}

function fetchInto(memory: CountedMemory, { broker }: TestBroker, input: Partial<FetchRequestInput>) {
  const codec = fetchRequest.at(apiVersion)
  const partitions = [0, 1].map((partition) => ({ partition, fetchOffset: 0, partitionMaxBytes: 100_000 }))
  const bounds = { maxWaitMs: 10_000, minBytes: 1, forgottenTopicsData: [] }
  const request = codec.decode(
    codec.encode({ ...bounds, topics: [{ topic: 'orders', partitions }], ...input }),
  )
  return fetch.handle(broker, request, {
    ...{ apiVersion, clientId: null, clientAddress: '127.0.0.1', listenerName: 'PLAINTEXT', memory },
  })
}

test('a fetch holds the memory of the records that it answers with, and no other', async () => {
  await using tested = await filledBroker()
  const memory = new CountedMemory()
  const response = await fetchInto(memory, tested, {})
  const records = response?.responses[0]?.partitions.map((partition) => partition.records?.buffer)
  expect(records?.length).toBe(2)
  expect([...memory.out]).toEqual(records)
})

test('what does not fit the answer any more is let go of', async () => {
  await using tested = await filledBroker()
  const memory = new CountedMemory()
  const response = await fetchInto(memory, tested, { maxBytes: 6000 })
  const [first, second] = response?.responses[0]?.partitions ?? []
  expect(second?.records?.length).toBe(0)
  expect([...memory.out]).toEqual([first?.records?.buffer])
})

test('what was read before the wait for more is let go of', async () => {
  await using tested = await filledBroker()
  const memory = new CountedMemory()
  const waiting = fetchInto(memory, tested, { minBytes: 32_000 })
  await append(tested.broker, 1)
  const response = await waiting
  const records = response?.responses[0]?.partitions.map((partition) => partition.records)
  expect(records?.map((each) => each?.length)).toEqual([3 * batchBytes, 4 * batchBytes])
  expect([...memory.out]).toEqual(records?.map((each) => each?.buffer))
})

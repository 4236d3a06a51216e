// Tests with a Kafka and without Docker: a broker in the process of the test, on a port of its own, in memory. For vitest, and for
// kafkajs as for any other client. `npx vitest run order-service.test.mjs`
import { Kafka, logLevel } from 'kafkajs'
import { startTestCluster } from 'tidemark/testing'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { startOrderService } from './order-service.mjs'

let cluster
let kafka
let service

beforeEach(async () => {
  cluster = await startTestCluster({ topics: ['orders', 'shipments'] })
  const retry = { initialRetryTime: 20 }
  kafka = new Kafka({ brokers: [cluster.bootstrap], logLevel: logLevel.NOTHING, retry })
})

afterEach(async () => {
  await service.stop()
  await cluster.close()
})

async function order(item) {
  const producer = kafka.producer()
  await producer.connect()
  await producer.send({ topic: 'orders', messages: [{ key: 'order-1', value: JSON.stringify({ item }) }] })
  await producer.disconnect()
}

async function shipments() {
  return (await cluster.records('shipments')).map(({ key, value }) => `${key}: ${value}`)
}

const waiting = { timeout: 20_000, interval: 20 }

test('what is ordered is shipped', async () => {
  await order('lamp')
  service = await startOrderService(kafka)
  await vi.waitFor(async () => expect(await shipments()).toEqual(['order-1: one lamp']), waiting)
})

test('it is shipped although the leader moves away meanwhile', async () => {
  service = await startOrderService(kafka)
  await order('lamp')
  // Not with Docker: the next produce request is refused, as after a failover.
  const fault = cluster.failNext('Produce', 'NOT_LEADER_OR_FOLLOWER')
  await order('chair')
  await vi.waitFor(async () => expect(await shipments()).toHaveLength(2), waiting)
  expect(fault.isUsed).toBe(true)
})

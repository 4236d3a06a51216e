import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { encodeBatch } from '../../src/batch/encode-batch.ts'
import { BrokerServer } from '../../src/server/broker-server.ts'
import { ResponseBuffers } from '../../src/server/response-buffers.ts'
import { memoryEnv } from '../../src/testing/memory-env.ts'
import { decodeResponseHeader, encodeRequestHeader } from '../../src/wire/headers.ts'
import { fetchRequest, fetchResponse } from '../../src/wire/messages/01-fetch.ts'
import { frame, RawClient, settle, until } from './loopback.ts'

/** Records leave in memory that is used again: whoever reads slowly, or not at all, changes nothing for the others. */

const apiVersion = 12
const topic = 'there'
const partitionCount = 6
const batchesPerPartition = 25
const batchBytes = 60_000
/** What a partition has in all, and more. */
const maxBytes = 2 * 1024 * 1024

let server: BrokerServer
/** Of each partition, all its bytes. */
const stored: Buffer[] = []

beforeAll(async () => {
  const properties = { listeners: 'PLAINTEXT://127.0.0.1:0' }
  server = await BrokerServer.start({ env: memoryEnv(), directories: ['/data'], properties })
  const { controller, replicas } = server.broker
  await controller.createTopic({ name: topic, partitionCount, replicationFactor: 1 })
  await replicas.settled()
  for (let index = 0; index < partitionCount; index++) {
    const partition = replicas.get(topic, index)
    for (let count = 0; count < batchesPerPartition; count++) {
      const value = Buffer.alloc(batchBytes, `partition ${index}, batch ${count};`)
      await partition.append(encodeBatch([{ value }], { now: 0 }), { requiredAcks: 1, timeoutMs: 1000 })
    }
    const { records } = await partition.read({
      ...{ offset: 0, maxBytes, atLeastOneBatch: true, isolation: 'read_uncommitted' },
    })
    stored.push(records)
  }
})
afterAll(() => server.close())

/** A client that has asked for `partitions`, once for each of `offsets`, and reads no answer yet. */
async function asking(offsets: readonly number[], partitions: readonly number[]): Promise<RawClient> {
  const client = await RawClient.connect(server.connections)
  client.socket.pause()
  for (const fetchOffset of offsets) {
    const body = fetchRequest.at(apiVersion).encode({
      ...{ maxWaitMs: 0, minBytes: 1, maxBytes: 50 * 1024 * 1024, forgottenTopicsData: [] },
      topics: [
        {
          topic,
          partitions: partitions.map((partition) => ({
            partition,
            fetchOffset,
            partitionMaxBytes: maxBytes,
          })),
        },
      ],
    })
    const apiKey = fetchRequest.apiKey
    const header = encodeRequestHeader({ apiKey, apiVersion, correlationId: fetchOffset, clientId: null })
    client.socket.write(frame(Buffer.concat([header, body])))
  }
  return client
}

/** Reads on, and compares every byte of every answer. */
async function expectAnswers(client: RawClient, offsets: readonly number[], partitions: readonly number[]) {
  client.socket.resume()
  await until(() => client.responses.length === offsets.length)
  for (const [index, response] of client.responses.entries()) {
    const { bodyPosition } = decodeResponseHeader(response, fetchRequest.apiKey, apiVersion)
    const [answer] = fetchResponse.at(apiVersion).decode(response, bodyPosition).responses
    expect(answer?.partitions.map(({ partitionIndex }) => partitionIndex)).toEqual(partitions)
    for (const { partitionIndex, records } of answer?.partitions ?? []) {
      const all = stored[partitionIndex] ?? Buffer.alloc(0)
      const from = ((offsets[index] ?? 0) * all.length) / batchesPerPartition
      expect(records?.equals(all.subarray(from))).toBe(true)
    }
  }
}

const everyPartition = [0, 1, 2, 3, 4, 5]

describe('what is fetched', () => {
  test('comes out of memory that has served others', async () => {
    const takes = vi.spyOn(ResponseBuffers.prototype, 'take')
    onTestFinished(() => takes.mockRestore())
    for (let count = 0; count < 3; count++)
      await expectAnswers(await asking([0, 5, 10], everyPartition), [0, 5, 10], everyPartition)
    const used = new Set(takes.mock.results.map(({ value }) => (value as Buffer).buffer))
    expect(takes).toHaveBeenCalledTimes(3 * 3 * partitionCount)
    // Each of the three rounds could do with what the first took, but may begin before its last bytes are told to be gone.
    expect(used.size).toBeLessThan(2 * 3 * partitionCount)
  })

  test('is not mixed up when many read at their own pace', async () => {
    const partitionsOf = (index: number) => everyPartition.filter((partition) => partition % 3 !== index % 3)
    const clients = []
    for (let index = 0; index < 6; index++) {
      const offsets = [index, 0, 20, index + 7]
      clients.push({
        client: await asking(offsets, partitionsOf(index)),
        offsets,
        partitions: partitionsOf(index),
      })
      await settle(20)
    }
    // The last to come reads first. What it is given back serves those who ask then.
    for (const { client, offsets, partitions } of clients.toReversed()) {
      await expectAnswers(client, offsets, partitions)
      await expectAnswers(await asking([3], [1, 4]), [3], [1, 4])
    }
  })

  test('is whole for those who stay when others vanish halfway', async () => {
    const staying = await asking([0, 1, 2], everyPartition)
    for (let count = 0; count < 8; count++) {
      const vanishing = await asking([0, 0], everyPartition)
      vanishing.socket.once('data', () => vanishing.socket.destroy())
      vanishing.socket.resume()
      await until(() => vanishing.isClosed)
      await expectAnswers(await asking([count], [5, 2]), [count], [5, 2])
    }
    await until(() => server.connections.connectionCount <= 1 + 8)
    await expectAnswers(staying, [0, 1, 2], everyPartition)
    await until(() => server.connections.unsentResponseBytes === 0)
  })
})

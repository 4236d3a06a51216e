import { describe, expect, test } from 'vitest'
import { ClosedError, ConnectionError, TimeoutError } from '../../../src/base/errors.ts'
import type { BrokerConnection } from '../../../src/client/network/broker-connection.ts'
import { rpc } from '../../../src/client/network/rpc.ts'
import { ManualClock } from '../../../src/testing/manual-clock.ts'
import { produceRequest, produceResponse } from '../../../src/wire/messages/00-produce.ts'
import { FakeBroker, open, settings, until } from './fake-broker.ts'

const produce = rpc(produceRequest, produceResponse)
const mebibyte = 1024 * 1024

/** A Produce that carries `bytes` bytes. */
function request(bytes: number, acks = 0) {
  const partitionData = [{ index: 0, records: Buffer.alloc(bytes) }]
  return { acks, timeoutMs: 1000, topicData: [{ topicId: 'b3JkZXJzb3JkZXJzb3Jkcw', partitionData }] }
}

/** A connection whose broker reads nothing until it is told to. */
async function deaf(limits = {}) {
  const broker = await FakeBroker.start()
  const clock = new ManualClock()
  const connection = await open(broker, settings(clock, limits))
  const [socket] = broker.sockets
  socket?.pause()
  return { broker, connection, clock, hear: () => socket?.resume() }
}

/** Tells until the socket is full: the promise that has to wait, and how many did not. */
async function fill(connection: BrokerConnection) {
  for (let count = 1; count < 200; count++) {
    let isSent = false
    const told = connection.tell(produce, request(mebibyte)).then(() => (isSent = true))
    told.catch(() => {})
    // What is handed over resolves within the microtasks that follow.
    for (let turn = 0; turn < 5; turn++) await Promise.resolve()
    if (!isSent) return { told, count }
  }
  return expect.fail('a broker that does not read is written to without end')
}

describe('tell', () => {
  test('sends a request and waits for no answer', async () => {
    const broker = await FakeBroker.start()
    const connection = await open(broker)
    await connection.tell(produce, (version) => ({ ...request(10), timeoutMs: version }))
    expect(connection.inFlightCount).toBe(0)
    const [asked] = await broker.asked(1)
    expect(asked).toMatchObject({ apiKey: 0, apiVersion: produceRequest.maxVersion })
    // An answer belongs to the call behind it.
    const call = connection.call(produce, request(10, 1))
    const requests = await broker.asked(2)
    requests[1]?.answer(produceResponse.at(produceRequest.maxVersion).encode({ responses: [] }))
    expect(await call).toMatchObject({ responses: [] })
  })

  test('refuses what cannot be sent, and when the connection is closed', async () => {
    const broker = await FakeBroker.start()
    const connection = await open(broker)
    const tooOld = rpc(produceRequest, produceResponse, { maxVersion: 9 })
    const transactional = { ...request(1), acks: 2 ** 20 }
    await expect(connection.tell(tooOld, transactional)).rejects.toMatchObject({ code: 'ERR_WIRE' })
    expect(connection.isOpen).toBe(true)
    connection.close()
    await expect(connection.tell(produce, request(1))).rejects.toThrow(ClosedError)
  })
})

describe('a broker that does not read', () => {
  test('makes requests wait; they go out in their order once it reads', async () => {
    const { broker, connection, hear } = await deaf()
    const { told, count } = await fill(connection)
    const call = connection.call(produce, request(3, 1))
    const last = connection.tell(produce, request(4))
    expect(connection.inFlightCount).toBe(3)
    hear()
    await Promise.all([told, last])
    const requests = await broker.asked(count + 2)
    const sizes = requests.map(({ frame }) => frame.length)
    expect(sizes.slice(0, count).every((size) => size > mebibyte)).toBe(true)
    expect((sizes.at(-1) ?? 0) - (sizes.at(-2) ?? 0)).toBe(1)
    requests.at(-2)?.answer(produceResponse.at(produceRequest.maxVersion).encode({ responses: [] }))
    expect(await call).toMatchObject({ responses: [] })
  })

  test('is sent no request that was given up meanwhile', async () => {
    const { broker, connection, hear } = await deaf()
    const { told, count } = await fill(connection)
    const abort = new AbortController()
    const call = connection.call(produce, request(3, 1), { signal: abort.signal })
    abort.abort(new Error('enough'))
    await expect(call).rejects.toThrow('enough')
    hear()
    await told
    await connection.tell(produce, request(7))
    const requests = await broker.asked(count + 1)
    expect(requests).toHaveLength(count + 1)
    expect(connection.inFlightCount).toBe(0)
  })

  test('is given up after the time of a request', async () => {
    const { broker, connection, clock } = await deaf({ requestTimeoutMs: 1000 })
    const { told } = await fill(connection)
    await clock.runFor(999)
    expect(connection.isOpen).toBe(true)
    await clock.runFor(2)
    await expect(told).rejects.toThrow(TimeoutError)
    await expect(told).rejects.toThrow(`${broker.address} takes no more requests`)
    expect(connection.isOpen).toBe(false)
  })

  test('and breaks the connection off: all that waits is told', async () => {
    const { broker, connection } = await deaf()
    const { told } = await fill(connection)
    const call = connection.call(produce, request(3, 1))
    broker.sockets[0]?.resetAndDestroy()
    await expect(told).rejects.toThrow(ConnectionError)
    await expect(call).rejects.toThrow(ConnectionError)
  })
})

describe('a connection that nobody uses', () => {
  test('is closed, but not one that waits for an answer', async () => {
    const broker = await FakeBroker.start()
    const clock = new ManualClock()
    const limits = { connectionsMaxIdleMs: 1000, requestTimeoutMs: 60_000 }
    const connection = await open(broker, settings(clock, limits))
    await clock.runFor(900)
    const call = connection.call(produce, request(3, 1))
    const [asked] = await broker.asked(1)
    await clock.runFor(30_000)
    expect(connection.isOpen).toBe(true)
    asked?.answer(produceResponse.at(produceRequest.maxVersion).encode({ responses: [] }))
    await call
    await clock.runFor(999)
    expect(connection.isOpen).toBe(true)
    await clock.runFor(1001)
    expect(connection.isOpen).toBe(false)
    await until(() => broker.sockets[0]?.destroyed === true)
    await expect(connection.call(produce, request(3, 1))).rejects.toMatchObject({ retriable: true })
  })

  test('lives on where there is no limit', async () => {
    const broker = await FakeBroker.start()
    const clock = new ManualClock()
    const given = settings(clock, { connectionsMaxIdleMs: Number.POSITIVE_INFINITY })
    const connection = await open(broker, given)
    await clock.runFor(10 ** 9)
    expect(connection.isOpen).toBe(true)
  })
})

import { describe, expect, test } from 'vitest'
import { ClosedError } from '../../../src/base/errors.ts'
import type { BrokerConnection } from '../../../src/client/network/broker-connection.ts'
import { BrokerLinks } from '../../../src/client/network/broker-links.ts'
import { ReconnectBackoff } from '../../../src/client/network/reconnect-backoff.ts'
import { rpc } from '../../../src/client/network/rpc.ts'
import { pauseMsIn } from '../../../src/client/network/throttle.ts'
import { ManualClock } from '../../../src/testing/manual-clock.ts'
import { memoryEnv } from '../../../src/testing/memory-env.ts'
import { produceRequest, produceResponse } from '../../../src/wire/messages/00-produce.ts'
import { fetchRequest, fetchResponse } from '../../../src/wire/messages/01-fetch.ts'
import { heartbeatRequest, heartbeatResponse } from '../../../src/wire/messages/12-heartbeat.ts'
import { apiVersionsResponse } from '../../../src/wire/messages/18-api-versions.ts'
import { FakeBroker, open, settings } from './fake-broker.ts'
import { ScriptedTransport } from './scripted-transport.ts'

const heartbeat = rpc(heartbeatRequest, heartbeatResponse)
const produce = rpc(produceRequest, produceResponse)
const fetch = rpc(fetchRequest, fetchResponse)

/** Throttles for as many milliseconds as the member's id says. */
const script = ({ apiKey, apiVersion, frame }: { apiKey: number; apiVersion: number; frame: Buffer }) => {
  if (apiKey !== 12) return undefined
  const throttleTimeMs = Number(/pause-(\d+)/.exec(frame.toString('latin1'))?.[1] ?? 0)
  return heartbeatResponse.at(apiVersion).encode({ throttleTimeMs, errorCode: 0 })
}

function ask(connection: BrokerConnection, pauseMs: number, options = {}, api = heartbeat) {
  const request = { groupId: 'g', generationId: 1, memberId: `pause-${pauseMs}` }
  return connection.call(api, request, options)
}

async function connected(limits = {}) {
  const broker = await FakeBroker.start(script)
  const clock = new ManualClock()
  const connection = await open(broker, settings(clock, limits))
  /** How many requests have come on the connection, once all that was sent must have. */
  const arrived = async (): Promise<number> => {
    await ask(await open(broker), 0)
    return broker.requests.filter(({ apiKey, socket }) => apiKey !== 18 && socket === broker.sockets[0])
      .length
  }
  return { broker, clock, connection, arrived }
}

describe('a broker whose quota is used up', () => {
  test('is sent nothing for as long as it says, and then what has waited, in its order', async () => {
    const { broker, clock, connection, arrived } = await connected()
    await ask(connection, 500)
    expect(connection.isThrottled).toBe(true)
    const waiting = [ask(connection, 0), ask(connection, 0)]
    expect(connection.inFlightCount).toBe(2)
    expect(await arrived()).toBe(1)
    await clock.runFor(499)
    expect(await arrived()).toBe(1)
    await clock.runFor(1)
    expect(await Promise.all(waiting)).toHaveLength(2)
    expect(connection.isThrottled).toBe(false)
    const ids = broker.requests.filter(({ socket }) => socket === broker.sockets[0])
    expect(ids.map(({ correlationId }) => correlationId)).toEqual([0, 1, 2, 3])
  })

  test('has the whole time of a request from when that is sent', async () => {
    const { clock, connection } = await connected({ requestTimeoutMs: 1000 })
    await ask(connection, 900)
    const waiting = ask(connection, 0)
    await clock.runFor(900)
    expect(await waiting).toMatchObject({ errorCode: 0 })
  })

  test('is not taken for idle while requests wait', async () => {
    const { clock, connection } = await connected({ connectionsMaxIdleMs: 1000 })
    await ask(connection, 5000)
    const waiting = ask(connection, 0)
    await clock.runFor(5000)
    expect(await waiting).toMatchObject({ errorCode: 0 })
  })

  test('is left alone until the last of several pauses is over', async () => {
    const { clock, connection, arrived } = await connected()
    await Promise.all([ask(connection, 500), ask(connection, 200)])
    const waiting = ask(connection, 0)
    await clock.runFor(300)
    expect(await arrived()).toBe(2)
    await clock.runFor(200)
    expect(await waiting).toMatchObject({ errorCode: 0 })
  })

  test('is not left alone for longer than the time of a request', async () => {
    const { clock, connection } = await connected({ requestTimeoutMs: 1000 })
    await ask(connection, 2 ** 31 - 1)
    const waiting = ask(connection, 0)
    await clock.runFor(1000)
    expect(await waiting).toMatchObject({ errorCode: 0 })
  })

  test('by an older version has held back the answer instead', async () => {
    const { connection } = await connected()
    await ask(connection, 500, {}, rpc(heartbeatRequest, heartbeatResponse, { maxVersion: 1 }))
    expect(connection.isThrottled).toBe(false)
    expect(await ask(connection, 0)).toMatchObject({ errorCode: 0 })
  })

  test('may say so when it is asked for its versions', async () => {
    const apiKeys = [{ apiKey: 12, minVersion: 0, maxVersion: 4 }]
    const broker = await FakeBroker.start((request) =>
      request.apiKey === 18
        ? apiVersionsResponse.at(4).encode({ errorCode: 0, apiKeys, throttleTimeMs: 300 })
        : script(request),
    )
    const clock = new ManualClock()
    const connection = await open(broker, settings(clock))
    expect(connection.isThrottled).toBe(true)
    const waiting = ask(connection, 0)
    await clock.runFor(300)
    expect(await waiting).toMatchObject({ errorCode: 0 })
  })

  test('keeps nobody from giving up, and nothing open', async () => {
    const { clock, connection } = await connected()
    await ask(connection, 500)
    const abort = new AbortController()
    const given = ask(connection, 0, { signal: abort.signal })
    const kept = ask(connection, 0)
    const told = connection.tell(heartbeat, { groupId: 'g', generationId: 1, memberId: 'm' })
    abort.abort(new Error('enough'))
    await expect(given).rejects.toThrow('enough')
    connection.close()
    await expect(kept).rejects.toThrow(ClosedError)
    await expect(told).rejects.toThrow(ClosedError)
    expect(connection.isThrottled).toBe(false)
    await clock.runFor(1000)
    expect(clock.sleeperCount).toBeLessThanOrEqual(1)
  })

  test('of several is asked last', async () => {
    const transport = new ScriptedTransport({})
    const env = memoryEnv({ seed: 1, clock: new ManualClock() })
    const links = new BrokerLinks(transport, new ReconnectBackoff(env, { firstMs: 50, maxMs: 1000 }))
    const [a, b] = [await links.to({ host: 'a', port: 1 }), await links.to({ host: 'b', port: 2 })]
    Object.assign(a, { isThrottled: true })
    Object.assign(b, { inFlightCount: 7 })
    expect(links.leastLoaded()).toBe(b)
    Object.assign(b, { isThrottled: true })
    expect(links.leastLoaded()).toBe(a)
  })
})

test.each([
  [
    'Produce',
    produce,
    produceResponse.at(produceRequest.maxVersion).encode({ responses: [], throttleTimeMs: 9 }),
  ],
  ['Fetch', fetch, fetchResponse.at(fetchRequest.maxVersion).encode({ responses: [], throttleTimeMs: 9 })],
] as const)('%s is no exception', async (_, api, answer) => {
  const broker = await FakeBroker.start(({ apiKey }) => (apiKey === 18 ? undefined : answer))
  const clock = new ManualClock()
  const connection = await open(broker, settings(clock))
  if (api === produce) await connection.call(produce, { acks: 1, timeoutMs: 1, topicData: [] })
  else await connection.call(fetch, { maxWaitMs: 0, minBytes: 0, topics: [] })
  expect(connection.isThrottled).toBe(true)
  await clock.runFor(9)
  expect(connection.isThrottled).toBe(false)
})

test('versions before KIP-219 are those of which the protocol says so', () => {
  const pause = (name: string, version: number) => pauseMsIn({ throttleTimeMs: 5 }, `${name}Request`, version)
  for (const [name, first] of [
    ...[['Produce', 6] as const, ['Fetch', 8] as const, ['Metadata', 6] as const, ['JoinGroup', 3] as const],
    ...[['DescribeConfigs', 2] as const, ['DeleteGroups', 1] as const],
  ])
    expect([pause(name, first - 1), pause(name, first)], name).toEqual([0, 5])
  expect(pause('ElectLeaders', 0)).toBe(5)
  expect(pauseMsIn({ errorCode: 0 }, 'SaslHandshakeRequest', 1)).toBe(0)
  expect(pauseMsIn({ throttleTimeMs: -1 }, 'FetchRequest', 17)).toBe(0)
})

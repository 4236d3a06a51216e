import { describe, expect, test } from 'vitest'
import {
  ClosedError,
  ConnectionError,
  TimeoutError,
  UnsupportedVersionError,
} from '../../../src/base/errors.ts'
import { BrokerConnection } from '../../../src/client/network/broker-connection.ts'
import { rpc } from '../../../src/client/network/rpc.ts'
import { ManualClock } from '../../../src/testing/manual-clock.ts'
import { heartbeatRequest, heartbeatResponse } from '../../../src/wire/messages/12-heartbeat.ts'
import { apiVersionsRequest, apiVersionsResponse } from '../../../src/wire/messages/18-api-versions.ts'
import { FakeBroker, open, responseFrame, settings, until } from './fake-broker.ts'

const heartbeat = rpc(heartbeatRequest, heartbeatResponse)
const latest = heartbeatRequest.maxVersion

function ask(connection: BrokerConnection, memberId: string, options = {}) {
  return connection.call(heartbeat, { groupId: 'g', generationId: 1, memberId }, options)
}

/** A heartbeat's answer that can be told from others. */
function answerOf(throttleTimeMs: number, version = latest): Buffer {
  return heartbeatResponse.at(version).encode({ throttleTimeMs, errorCode: 0 })
}

/** What `promise` rejects with. */
async function failure(promise: Promise<unknown>): Promise<unknown> {
  return await promise.then(
    (value) => expect.fail(`it resolved to ${JSON.stringify(value)}`),
    (error: unknown) => error,
  )
}

describe('negotiation', () => {
  test('asks with the latest version, says who it is, and speaks the latest version that both know', async () => {
    const broker = await FakeBroker.start(({ apiKey }) =>
      apiKey === 18
        ? apiVersionsResponse
            .at(4)
            .encode({ errorCode: 0, apiKeys: [{ apiKey: 12, minVersion: 0, maxVersion: 2 }] })
        : undefined,
    )
    const connection = await open(broker)
    const [versions] = broker.requests
    expect(versions).toMatchObject({ apiKey: 18, apiVersion: 4, clientId: 'test' })
    // Size and header of version 2: key, version, correlation id, client id, tags.
    const body = apiVersionsRequest.at(4).decode(versions?.frame ?? Buffer.alloc(0), 2 + 2 + 4 + 2 + 4 + 1)
    expect(body).toEqual({ clientSoftwareName: 'tidemark', clientSoftwareVersion: '1.2.3' })
    const answer = ask(connection, 'm')
    const [request] = await broker.asked(1)
    expect(request?.apiVersion).toBe(2)
    request?.answer(answerOf(7, 2))
    expect(await answer).toEqual({ throttleTimeMs: 7, errorCode: 0 })
  })

  test('falls back to what an older broker says that it knows, or to version 0 when it says nothing', async () => {
    for (const [rows, expected] of [
      [[{ apiKey: 18, minVersion: 0, maxVersion: 2 }], 2],
      [[], 0],
    ] as const) {
      const broker = await FakeBroker.start(({ apiKey, apiVersion }) => {
        if (apiKey !== 18 || apiVersion <= expected) return undefined
        return apiVersionsResponse.at(0).encode({ errorCode: 35, apiKeys: [...rows] })
      })
      const connection = await open(broker)
      expect(broker.requests.map(({ apiVersion }) => apiVersion)).toEqual([4, expected])
      expect(connection.served.get(12)).toMatchObject({ minVersion: 0, maxVersion: 100 })
    }
  })

  test('a broker that refuses, or serves other versions, is told apart from one that is lost', async () => {
    const refusing = await FakeBroker.start(() =>
      apiVersionsResponse.at(4).encode({ errorCode: 42, apiKeys: [] }),
    )
    await expect(open(refusing)).rejects.toThrow('INVALID_REQUEST (42)')
    const foreign = await FakeBroker.start(({ apiVersion }) =>
      apiVersionsResponse
        .at(apiVersion)
        .encode({ errorCode: 0, apiKeys: [{ apiKey: 12, minVersion: 50, maxVersion: 60 }] }),
    )
    const connection = await open(foreign)
    const error = await failure(ask(connection, 'm'))
    expect(error).toBeInstanceOf(UnsupportedVersionError)
    expect(String(error)).toContain(`Heartbeat: versions 0 to ${latest} are known here, but the broker at`)
    expect(String(error)).toContain('serves 50 to 60')
    expect(connection.isOpen).toBe(true)
  })
})

describe('calls', () => {
  test('go out without waiting, and each gets the answer that is its own', async () => {
    const broker = await FakeBroker.start()
    const connection = await open(broker)
    const answers = ['a', 'b', 'c'].map((memberId) => ask(connection, memberId))
    const requests = await broker.asked(3)
    expect(connection.inFlightCount).toBe(3)
    // All in one piece, and the last one cut in two.
    const bytes = Buffer.concat(
      requests.map(({ correlationId }, index) => responseFrame(12, latest, correlationId, answerOf(index))),
    )
    requests[0]?.socket.write(bytes.subarray(0, bytes.length - 3))
    expect((await Promise.all(answers.slice(0, 2))).map(({ throttleTimeMs }) => throttleTimeMs)).toEqual([
      0, 1,
    ])
    expect(connection.inFlightCount).toBe(1)
    requests[0]?.socket.write(bytes.subarray(bytes.length - 3))
    expect(await answers[2]).toMatchObject({ throttleTimeMs: 2 })
    expect(connection.inFlightCount).toBe(0)
  })

  test('get whole answers that come byte by byte', async () => {
    const broker = await FakeBroker.start()
    const connection = await open(broker)
    const answer = ask(connection, 'm')
    const [request] = await broker.asked(1)
    if (request === undefined) expect.fail('no request')
    for (const byte of responseFrame(12, latest, request.correlationId, answerOf(9)))
      await new Promise((written) => request.socket.write(Buffer.from([byte]), written))
    expect(await answer).toMatchObject({ throttleTimeMs: 9 })
  })

  test('an answer out of turn ends the connection and all that waits', async () => {
    const broker = await FakeBroker.start()
    const connection = await open(broker)
    const errors = [failure(ask(connection, 'a')), failure(ask(connection, 'b'))]
    const requests = await broker.asked(2)
    requests[1]?.answer(answerOf(1))
    for (const error of await Promise.all(errors)) {
      expect(error).toBeInstanceOf(ConnectionError)
      expect(String(error)).toContain('answered request 2 where 1 was next')
    }
    expect(connection.isOpen).toBe(false)
    await until(() => broker.sockets[0]?.destroyed === true)
    await expect(ask(connection, 'c')).rejects.toThrow(ConnectionError)
  })

  test('an answer to nothing ends the connection', async () => {
    const broker = await FakeBroker.start()
    const connection = await open(broker)
    broker.sockets[0]?.write(responseFrame(12, latest, 1, answerOf(1)))
    await until(() => !connection.isOpen)
    await expect(ask(connection, 'a')).rejects.toThrow('a response that nobody asked for')
  })

  test('an answer that cannot be read fails its call, and no other', async () => {
    const broker = await FakeBroker.start()
    const connection = await open(broker)
    const [bad, good] = [failure(ask(connection, 'a')), ask(connection, 'b')]
    const requests = await broker.asked(2)
    requests[0]?.answer(Buffer.from([1]))
    requests[1]?.answer(answerOf(5))
    expect(await bad).toMatchObject({ code: 'ERR_WIRE' })
    expect(await good).toMatchObject({ throttleTimeMs: 5 })
  })
})

describe('limits', () => {
  test('an answer that does not come in time ends the connection; the others are told why', async () => {
    const broker = await FakeBroker.start()
    const clock = new ManualClock()
    const connection = await open(broker, settings(clock, { requestTimeoutMs: 1000 }))
    const late = failure(ask(connection, 'a'))
    await clock.runFor(600)
    const other = failure(ask(connection, 'b'))
    await broker.asked(2)
    await clock.runFor(399)
    expect(connection.isOpen).toBe(true)
    await clock.runFor(2)
    expect(await late).toBeInstanceOf(TimeoutError)
    expect(String(await late)).toContain(`${broker.address} did not answer Heartbeat within 1000 ms`)
    expect(await other).toBeInstanceOf(ConnectionError)
    expect(connection.isOpen).toBe(false)
  })

  test('answers that come in time call their deadline off', async () => {
    const broker = await FakeBroker.start(({ apiKey }) => (apiKey === 12 ? answerOf(0) : undefined))
    const clock = new ManualClock()
    const connection = await open(broker, settings(clock, { requestTimeoutMs: 1000 }))
    for (let count = 0; count < 5; count++) {
      await ask(connection, 'a')
      await clock.runFor(700)
    }
    expect(connection.isOpen).toBe(true)
  })

  test('a response that is too large, or no response at all, is not read', async () => {
    for (const [announced, said] of [
      [5001, '5001 bytes, more than maxResponseBytes = 5000'],
      // "HTTP"
      [0x48545450, 'is this a Kafka broker?'],
      [-1, 'of -1 bytes, which none has'],
      [0, 'of 0 bytes, which none has'],
    ] as const) {
      const broker = await FakeBroker.start()
      const connection = await open(broker, settings(new ManualClock(), { maxResponseBytes: 5000 }))
      const error = failure(ask(connection, 'a'))
      await broker.asked(1)
      const size = Buffer.alloc(4)
      size.writeInt32BE(announced)
      broker.sockets[0]?.write(size)
      expect(await error).toBeInstanceOf(ConnectionError)
      expect(String(await error)).toContain(said)
    }
  })

  test('a broker that does not accept in time is given up', async () => {
    const clock = new ManualClock()
    // Of TEST-NET-1: nobody is there. Where the system says so at once, that is an answer too.
    const given = settings(clock, { connectTimeoutMs: 50 })
    const error = failure(BrokerConnection.open({ host: '192.0.2.1', port: 9 }, given))
    await clock.runFor(51)
    expect(await error).toMatchObject({ retriable: true })
    expect(String(await error)).toContain('192.0.2.1:9')
  })
})

describe('the end', () => {
  test('of a connection that the broker breaks rejects all that waits', async () => {
    for (const end of ['destroy', 'resetAndDestroy', 'end'] as const) {
      const broker = await FakeBroker.start()
      const connection = await open(broker)
      const errors = ['a', 'b', 'c'].map((memberId) => failure(ask(connection, memberId)))
      await broker.asked(3)
      broker.sockets[0]?.[end]()
      for (const error of await Promise.all(errors))
        expect(error).toMatchObject({ code: 'ERR_CONNECTION', retriable: true, address: broker.address })
      expect(connection.isOpen).toBe(false)
      expect(connection.inFlightCount).toBe(0)
    }
  })

  test('by close rejects what waits, and refuses what comes later', async () => {
    const broker = await FakeBroker.start()
    const connection = await open(broker)
    const error = failure(ask(connection, 'a'))
    connection.close()
    connection.close()
    expect(await error).toBeInstanceOf(ClosedError)
    await expect(ask(connection, 'b')).rejects.toThrow(ClosedError)
  })

  test('of waiting, by a signal, leaves the others theirs', async () => {
    const broker = await FakeBroker.start()
    const connection = await open(broker)
    const abort = new AbortController()
    const [given, kept] = [failure(ask(connection, 'a', { signal: abort.signal })), ask(connection, 'b')]
    const requests = await broker.asked(2)
    abort.abort(new Error('enough'))
    expect(await given).toEqual(new Error('enough'))
    for (const [index, request] of requests.entries()) request.answer(answerOf(index))
    expect(await kept).toMatchObject({ throttleTimeMs: 1 })
    await expect(ask(connection, 'c', { signal: abort.signal })).rejects.toThrow('enough')
  })

  test('of connecting, by a signal', async () => {
    const broker = await FakeBroker.start(() => 'nothing')
    const abort = new AbortController()
    const where = { host: '127.0.0.1', port: broker.port }
    const waiting = failure(BrokerConnection.open(where, settings(), abort.signal))
    abort.abort(new Error('enough'))
    expect(await waiting).toEqual(new Error('enough'))
  })

  test('nothing listens: it says so', async () => {
    const gone = await FakeBroker.start()
    const { port } = gone
    gone.stop()
    const error = await failure(BrokerConnection.open({ host: '127.0.0.1', port }, settings()))
    expect(String(error)).toContain(`127.0.0.1:${port}: nothing listens there (ECONNREFUSED)`)
    expect((error as Error).cause).toMatchObject({ code: 'ECONNREFUSED' })
  })
})

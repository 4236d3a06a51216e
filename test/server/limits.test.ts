import { describe, expect, test } from 'vitest'
import { channels } from '../../src/server/channels.ts'
import { ManualClock } from '../../src/testing/manual-clock.ts'
import { frame, KeptLog, RawClient, ScriptedDispatcher, settle, startServer, until } from './loopback.ts'

async function start(limits = {}) {
  const dispatcher = new ScriptedDispatcher()
  const logger = new KeptLog()
  return { dispatcher, logger, server: await startServer({ dispatcher, logger, limits }) }
}

describe('connections', () => {
  test.each(['max.connections', 'max.connections.per.ip'] as const)('%s is kept exactly', async (name) => {
    const { server, logger } = await start({ [name]: 3 })
    const refused: unknown[] = []
    const note = (event: unknown) => void refused.push(event)
    channels.connectionRefuse.subscribe(note)
    const clients = []
    for (let count = 0; count < 6; count++) clients.push(await RawClient.connect(server))
    await until(() => server.counts.refused[name] === 3)
    channels.connectionRefuse.unsubscribe(note)
    expect(server.connectionCount).toBe(3)
    expect(server.counts).toMatchObject({ accepted: 3, refused: { [name]: 3 } })
    const refusal = { listenerName: 'PLAINTEXT', remoteAddress: '127.0.0.1', reason: name }
    expect(refused).toEqual([refusal, refusal, refusal])
    expect(logger.lines).toEqual([`a connection from 127.0.0.1 to PLAINTEXT was refused: ${name} is reached`])
    for (const client of clients.slice(3)) await client.closed()
    // One that goes makes room for one.
    clients[0]?.socket.end()
    await until(() => server.connectionCount === 2)
    const next = await RawClient.connect(server)
    next.send('echo in')
    expect(await next.texts(1)).toEqual(['echo in'])
  })

  test('max.connection.creation.rate is kept', async () => {
    const limits = { maxConnectionCreationRate: 1 }
    const server = await startServer({
      dispatcher: new ScriptedDispatcher(),
      clock: new ManualClock(),
      limits,
    })
    const first = await RawClient.connect(server)
    const second = await RawClient.connect(server)
    await second.closed()
    expect(first.isClosed).toBe(false)
    expect(server.counts.refused).toEqual({ 'max.connection.creation.rate': 1 })
  })
})

describe('a client that does not read', () => {
  test('is left alone until it does, and then gets everything in order', async () => {
    const { server, dispatcher } = await start()
    const [greedy, honest] = [await RawClient.connect(server), await RawClient.connect(server)]
    greedy.socket.pause()
    for (let count = 0; count < 200; count++) greedy.send(`big ${1024 * 1024 + count}`)
    await settle(200)
    const startedCount = dispatcher.dispatched.length
    // What the system's buffers take and one response more: a few MiB of 200.
    expect(startedCount).toBeLessThan(30)
    honest.send('echo served')
    expect(await honest.texts(1)).toEqual(['echo served'])
    await settle(200)
    expect(dispatcher.dispatched.length).toBe(startedCount + 1)
    greedy.socket.resume()
    await until(() => greedy.responses.length === 200)
    expect(greedy.responses.map(({ length }) => length)).toEqual(
      [...Array(200).keys()].map((index) => 1024 * 1024 + index),
    )
  })

  test('is closed when more waits for it than is kept for one client', async () => {
    const { server, dispatcher } = await start({ maxUnsentBytes: 50_000_000, maxInFlightRequests: 10 })
    const greedy = await RawClient.connect(server)
    greedy.socket.pause()
    greedy.send(...Array<string>(10).fill('overlap'))
    await until(() => dispatcher.waiting.length === 10)
    // Alone, a response may be larger than the limit.
    dispatcher.waiting[0]?.answer([Buffer.alloc(80_000_000)])
    await settle()
    expect(server.connectionCount).toBe(1)
    dispatcher.waiting[1]?.answer([Buffer.alloc(1)])
    await until(() => server.connectionCount === 0)
    expect(server.counts.closed).toEqual({ 'write-buffer': 1 })
  })
})

test('of clients that do not read, the one that has not for longest goes when all have too much', async () => {
  const { server, dispatcher } = await start({ maxTotalUnsentBytes: 100_000_000 })
  const deaf: RawClient[] = []
  for (let count = 0; count < 12; count++) {
    const client = await RawClient.connect(server)
    client.socket.pause()
    client.send('big 20000000')
    await until(() => dispatcher.dispatched.length === count + 1)
    await settle()
    expect(server.unsentResponseBytes).toBeLessThanOrEqual(100_000_000)
    deaf.push(client)
  }
  const keptCount = server.connectionCount
  expect(keptCount).toBeLessThan(12)
  expect(server.counts.closed).toEqual({ 'write-buffer': 12 - keptCount })
  const honest = await RawClient.connect(server)
  for (let count = 0; count < 5; count++) {
    honest.send('big 30000000')
    await until(() => honest.responses.length === count + 1)
  }
  expect(honest.isClosed).toBe(false)
  // The last that came is the last to go.
  deaf.at(-1)?.socket.resume()
  await until(() => deaf.at(-1)?.responses.length === 1)
})

describe('request bytes in memory', () => {
  const mebibyte = 1024 * 1024

  test('are bounded over all connections, and small requests pass all the same', async () => {
    const limits = { maxQueuedRequestBytes: 4 * mebibyte, ownRequestBytes: 64 * 1024 }
    const { server, dispatcher } = await start(limits)
    const large = Buffer.concat([Buffer.from('wait '), Buffer.alloc(mebibyte - 5)])
    const clients = []
    for (let count = 0; count < 20; count++) clients.push(await RawClient.connect(server))
    for (const client of clients) client.socket.write(frame(large))
    await settle(300)
    // Four fit, and one more is let through.
    expect(dispatcher.waiting.length).toBeGreaterThanOrEqual(4)
    expect(dispatcher.waiting.length).toBeLessThanOrEqual(5)
    expect(server.queuedRequestBytes).toBeLessThanOrEqual(5 * mebibyte)
    const small = await RawClient.connect(server)
    small.send('echo small')
    expect(await small.texts(1)).toEqual(['echo small'])
    // Every one of them gets through in the end.
    for (let answered = 0; answered < 20; answered++) {
      await until(() => dispatcher.waiting.length > 0)
      expect(server.queuedRequestBytes).toBeLessThanOrEqual(5 * mebibyte)
      dispatcher.waiting.shift()?.answer([Buffer.from('ok')])
    }
    for (const client of clients) expect(await client.texts(1)).toEqual(['ok'])
    expect(server.queuedRequestBytes).toBe(0)
  })

  test('are given back by clients that vanish while they wait', async () => {
    const { server, dispatcher } = await start({ maxQueuedRequestBytes: mebibyte })
    const large = Buffer.concat([Buffer.from('wait '), Buffer.alloc(2 * mebibyte)])
    const clients = []
    for (let count = 0; count < 5; count++) clients.push(await RawClient.connect(server))
    for (const client of clients) client.socket.write(frame(large))
    await until(() => dispatcher.waiting.length > 0)
    await settle()
    for (const client of clients) client.socket.resetAndDestroy()
    const last = await RawClient.connect(server)
    last.socket.write(frame(Buffer.concat([Buffer.from('echo '), Buffer.alloc(2 * mebibyte)])))
    await until(() => last.responses.length === 1)
    for (const request of dispatcher.waiting.splice(0)) request.answer(undefined)
    await until(() => server.connectionCount === 1 && server.queuedRequestBytes === 0)
  })

  test('of 100 MiB that are announced but do not come are next to nothing', async () => {
    const { server } = await start({ ownRequestBytes: 0 })
    const client = await RawClient.connect(server)
    client.send('echo 1')
    await client.texts(1)
    client.socket.write(Buffer.from('064000000102030405060708090a', 'hex'))
    await until(() => server.queuedRequestBytes > 0)
    expect(server.queuedRequestBytes).toBe(4096)
  })
})

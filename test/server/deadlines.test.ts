import { describe, expect, test } from 'vitest'
import { ManualClock } from '../../src/testing/manual-clock.ts'
import { frame, KeptLog, RawClient, ScriptedDispatcher, settle, startServer, until } from './loopback.ts'

async function start(limits = {}) {
  const clock = new ManualClock()
  const dispatcher = new ScriptedDispatcher()
  const logger = new KeptLog()
  const server = await startServer({ dispatcher, clock, logger, limits })
  const client = await RawClient.connect(server)
  client.send('echo hello')
  await client.texts(1)
  return { clock, dispatcher, logger, server, client }
}

describe('a request that comes slowly', () => {
  test.each([
    ['in its size', Buffer.from([0, 0])],
    ['in its body', frame('echo something').subarray(0, 9)],
  ])('is given up 30 seconds after its first byte: %s', async (_, firstBytes) => {
    const { clock, client, server, logger } = await start()
    client.socket.write(Buffer.concat([frame('echo 1'), firstBytes]))
    await client.texts(2)
    // A byte now and then does not help.
    await clock.runFor(29_000)
    client.socket.write(Buffer.from([0]))
    await settle()
    await clock.runFor(999)
    expect(server.connectionCount).toBe(1)
    await clock.runFor(1)
    expect(server.counts.closed).toEqual({ 'frame-deadline': 1 })
    await client.closed()
    expect(logger.lines[0]).toContain('within 30000 ms')
  })

  test('is answered if it makes it, and each has its own time', async () => {
    const { clock, client, server } = await start()
    for (let count = 0; count < 3; count++) {
      const request = frame(`echo ${count}`)
      client.socket.write(Buffer.concat([frame('echo in'), request.subarray(0, 6)]))
      await client.texts(2 * count + 2)
      await clock.runFor(29_999)
      client.socket.write(request.subarray(6))
      expect((await client.texts(2 * count + 3)).at(-1)).toBe(`echo ${count}`)
    }
    await clock.runFor(60_000)
    expect(server.connectionCount).toBe(1)
  })

  test('has all the time that we do not read', async () => {
    const { clock, client, dispatcher, server } = await start()
    const request = frame('echo late')
    client.socket.write(Buffer.concat([frame('wait'), frame('echo 2'), request.subarray(0, 6)]))
    await until(() => dispatcher.waiting.length === 1)
    await clock.runFor(100_000)
    dispatcher.answerWaiting()
    await client.texts(3)
    await clock.runFor(29_999)
    client.socket.write(request.subarray(6))
    expect((await client.texts(4))[3]).toBe('echo late')
    expect(server.connectionCount).toBe(1)
  })
})

test('a request that waits for room in memory has all the time that it waits', async () => {
  const { clock, client, dispatcher, server } = await start({ maxQueuedRequestBytes: 0, ownRequestBytes: 0 })
  client.send('wait')
  await until(() => dispatcher.waiting.length === 1)
  const other = await RawClient.connect(server)
  other.send('echo in the end')
  await settle()
  await clock.runFor(100_000)
  expect(server.connectionCount).toBe(2)
  expect(dispatcher.dispatched.length).toBe(2)
  dispatcher.answerWaiting()
  expect(await other.texts(1)).toEqual(['echo in the end'])
})

describe('an idle connection', () => {
  test('is closed after 10 minutes without a request', async () => {
    const { clock, client, server } = await start()
    await clock.runFor(599_999)
    expect(server.connectionCount).toBe(1)
    client.send('echo alive')
    await client.texts(2)
    await clock.runFor(599_999)
    expect(server.connectionCount).toBe(1)
    await clock.runFor(1)
    expect(server.counts.closed).toEqual({ idle: 1 })
    await client.closed()
  })

  test('is not one that waits for an answer', async () => {
    const { clock, client, dispatcher, server } = await start()
    client.send('wait')
    await until(() => dispatcher.waiting.length === 1)
    await clock.runFor(3_000_000)
    expect(server.connectionCount).toBe(1)
    dispatcher.answerWaiting()
    expect((await client.texts(2))[1]).toBe('wait')
    await clock.runFor(600_000)
    expect(server.counts.closed).toEqual({ idle: 1 })
  })

  test('stays for ever if that is asked for', async () => {
    const { clock, server } = await start({ 'connections.max.idle.ms': -1 })
    await clock.runFor(100_000_000)
    expect(server.connectionCount).toBe(1)
  })
})

describe('a response that is not read', () => {
  test('is given up when the client takes nothing for 30 seconds', async () => {
    const { clock, client, server } = await start()
    client.socket.pause()
    client.send('big 50000000')
    await until(() => server.unsentResponseBytes > 0)
    await settle()
    await clock.runFor(29_999)
    expect(server.connectionCount).toBe(1)
    await clock.runFor(1)
    expect(server.counts.closed).toEqual({ 'write-deadline': 1 })
  })

  test('is not given up while the client takes some now and then', async () => {
    const { clock, client, server } = await start()
    client.socket.pause()
    client.send('big 50000000')
    await until(() => server.unsentResponseBytes > 0)
    await settle()
    for (let count = 0; count < 10; count++) {
      await clock.runFor(29_000)
      const before = client.socket.bytesRead
      client.socket.resume()
      await until(() => client.socket.bytesRead > before + 1_000_000)
      client.socket.pause()
      await settle()
    }
    expect(server.connectionCount).toBe(1)
    client.socket.resume()
    await until(() => client.responses.length === 2)
    expect(client.responses[1]?.length).toBe(50_000_000)
  })
})

test('a client that has ended is answered for another 30 seconds, and then is taken to be gone', async () => {
  const { clock, client, dispatcher, server } = await start()
  client.send('wait for ever')
  await until(() => dispatcher.waiting.length === 1)
  client.socket.end()
  await settle()
  await clock.runFor(29_999)
  expect(server.connectionCount).toBe(1)
  await clock.runFor(1)
  expect(server.connectionCount).toBe(0)
  expect(server.counts.closed).toEqual({ 'peer-ended': 1 })
})

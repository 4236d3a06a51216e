import { describe, expect, test } from 'vitest'
import { KafkaServer } from '../../src/server/kafka-server.ts'
import { ManualClock } from '../../src/testing/manual-clock.ts'
import { frame, RawClient, ScriptedDispatcher, settle, startServer, until } from './loopback.ts'

describe('closing', () => {
  test('answers what is under way, starts nothing more, and accepts nobody', async () => {
    const dispatcher = new ScriptedDispatcher()
    const server = await startServer({ dispatcher, limits: { shutdownDeadlineMs: -1 } })
    const [busy, idle, half] = [
      await RawClient.connect(server),
      await RawClient.connect(server),
      await RawClient.connect(server),
    ]
    busy.send('overlap a', 'wait b', 'echo c')
    half.socket.write(Buffer.concat([frame('wait d'), frame('echo e').subarray(0, 7)]))
    await until(() => dispatcher.waiting.length === 3)
    const closed = server.close()
    await idle.closed()
    expect([busy.isClosed, half.isClosed]).toEqual([false, false])
    const late = await RawClient.connect(server)
    expect(late.socket.destroyed || late.isClosed).toBe(true)
    dispatcher.answerWaiting([2, 1, 0])
    await closed
    expect(server.connectionCount).toBe(0)
    expect(await busy.texts(2)).toEqual(['overlap a', 'wait b'])
    expect(await half.texts(1)).toEqual(['wait d'])
    expect(dispatcher.dispatched).toEqual(['overlap a', 'wait b', 'wait d'])
    expect(server.counts.closed).toEqual({ shutdown: 3 })
  })

  test('sends a large answer whole', async () => {
    const server = await startServer({
      dispatcher: new ScriptedDispatcher(),
      limits: { shutdownDeadlineMs: -1 },
    })
    const client = await RawClient.connect(server)
    client.socket.pause()
    client.send('big 30000000')
    await settle()
    const closed = server.close()
    client.socket.resume()
    await closed
    await until(() => client.responses.length === 1)
    expect(client.responses[0]?.length).toBe(30_000_000)
  })

  test('cuts off what is not answered by the deadline', async () => {
    const clock = new ManualClock()
    const dispatcher = new ScriptedDispatcher()
    const server = await startServer({ dispatcher, clock, limits: { shutdownDeadlineMs: 5000 } })
    const client = await RawClient.connect(server)
    client.send('wait for ever')
    await until(() => dispatcher.waiting.length === 1)
    let isClosed = false
    const closed = server.close().then(() => (isClosed = true))
    await clock.runFor(4999)
    expect([isClosed, server.connectionCount]).toEqual([false, 1])
    await clock.runFor(1)
    await closed
    await client.closed()
    expect(clock.sleeperCount).toBe(0)
  })

  test('may be asked for twice, and happens by itself at the end of a block', async () => {
    let port = 0
    {
      await using server = await startServer({ dispatcher: new ScriptedDispatcher() })
      port = server.ports[0] ?? 0
      expect(server.endpoints).toEqual([{ name: 'PLAINTEXT', host: '127.0.0.1', port }])
      expect(server.close()).toBe(server.close())
    }
    // The port is free again.
    await using again = await startServer({ dispatcher: new ScriptedDispatcher(), listeners: [{ port }] })
    expect(again.ports).toEqual([port])
  })
})

describe('listening', () => {
  test('on several ports, each with its name', async () => {
    const dispatcher = new ScriptedDispatcher()
    const listeners = [
      { name: 'INSIDE', port: 0 },
      { name: 'OUTSIDE', host: '0.0.0.0', port: 0, advertisedHost: 'broker.example', advertisedPort: 443 },
    ]
    const server = await startServer({ dispatcher, listeners })
    const [inside = 0, outside = 0] = server.ports
    expect(inside).not.toBe(outside)
    expect(server.endpoints).toEqual([
      { name: 'INSIDE', host: '127.0.0.1', port: inside },
      { name: 'OUTSIDE', host: 'broker.example', port: 443 },
    ])
    const client = await RawClient.connect(server)
    client.send('echo 1')
    await client.texts(1)
    expect(dispatcher.connection).toMatchObject({ id: 1, remoteAddress: '127.0.0.1', listenerName: 'INSIDE' })
  })

  test('on all or on none: a port that is taken is named', async () => {
    const dispatcher = new ScriptedDispatcher()
    const taken = await startServer({ dispatcher })
    const port = taken.ports[0] ?? 0
    const listeners = [
      { name: 'A', port: 0 },
      { name: 'B', port },
    ]
    await expect(KafkaServer.listen({ dispatcher, listeners })).rejects.toThrow(
      `EADDRINUSE: address already in use 127.0.0.1:${port}`,
    )
  })
})

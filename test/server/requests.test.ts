import { describe, expect, test } from 'vitest'
import { channels } from '../../src/server/channels.ts'
import { ConnectionEnd } from '../../src/server/close-reason.ts'
import { frame, KeptLog, RawClient, ScriptedDispatcher, settle, startServer, until } from './loopback.ts'

async function start(limits = {}) {
  const dispatcher = new ScriptedDispatcher()
  const logger = new KeptLog()
  const server = await startServer({ dispatcher, logger, limits })
  return { server, dispatcher, logger, client: await RawClient.connect(server) }
}

describe('pipelined requests', () => {
  test('are answered in order, however they arrive', async () => {
    const { client } = await start()
    const texts = Array.from({ length: 50 }, (_, index) => `echo ${index}`)
    client.send(...texts)
    for (const byte of Buffer.concat(texts.map(frame))) client.socket.write(Buffer.from([byte]))
    expect(await client.texts(100)).toEqual([...texts, ...texts])
  })

  test('are answered in order also where a later one is done first', async () => {
    const { client, dispatcher } = await start()
    client.send('overlap a', 'overlap b', 'overlap c', 'echo d')
    await until(() => dispatcher.waiting.length === 3)
    dispatcher.answerWaiting([2, 1])
    await settle()
    expect(client.responses).toEqual([])
    client.send('overlap e')
    await until(() => dispatcher.waiting.length === 1)
    expect(dispatcher.dispatched).toEqual(['overlap a', 'overlap b', 'overlap c', 'echo d', 'overlap e'])
  })

  test('all come once the first is done', async () => {
    const { client, dispatcher } = await start()
    client.send('overlap a', 'overlap b', 'echo c')
    await until(() => dispatcher.dispatched.length === 3)
    dispatcher.answerWaiting([1, 0])
    expect(await client.texts(3)).toEqual(['overlap a', 'overlap b', 'echo c'])
  })

  test('wait for one that lets none pass', async () => {
    const { client, dispatcher } = await start()
    client.send('overlap a', 'wait b', 'echo c')
    await until(() => dispatcher.waiting.length === 2)
    await settle()
    expect(dispatcher.dispatched).toEqual(['overlap a', 'wait b'])
    dispatcher.answerWaiting()
    expect(await client.texts(3)).toEqual(['overlap a', 'wait b', 'echo c'])
  })

  test('are left unread beyond the number that may be in flight', async () => {
    const { client, dispatcher } = await start({ maxInFlightRequests: 5 })
    client.send(...Array.from({ length: 100 }, (_, index) => `overlap ${index}`))
    await until(() => dispatcher.dispatched.length === 5)
    await settle()
    expect(dispatcher.dispatched.length).toBe(5)
    while (dispatcher.dispatched.length < 100 || dispatcher.waiting.length > 0) {
      expect(dispatcher.waiting.length).toBeLessThanOrEqual(5)
      dispatcher.answerWaiting()
      await settle(2)
    }
    expect((await client.texts(100)).at(-1)).toBe('overlap 99')
  })

  test('that want no response get none', async () => {
    const { client } = await start()
    client.send('echo 1', 'none', 'none', 'echo 2')
    expect(await client.texts(2)).toEqual(['echo 1', 'echo 2'])
  })

  test('more than a turn takes are all answered', async () => {
    const { client } = await start()
    const texts = Array.from({ length: 2000 }, (_, index) => `echo ${index}`)
    client.send(...texts, ...Array<string>(2000).fill('none'), 'echo at last')
    expect(await client.texts(2001)).toEqual([...texts, 'echo at last'])
  })
})

describe('requests of several clients', () => {
  test('take turns, however many each has sent', async () => {
    const { client, server, dispatcher } = await start()
    const others = [await RawClient.connect(server), await RawClient.connect(server)]
    const clients = [client, ...others]
    for (const [index, each] of clients.entries())
      each.send('wait', ...Array<string>(3000).fill(`echo ${index}`))
    // Nothing passes what waits, so that all of them begin at once.
    await until(() => dispatcher.waiting.length === 3)
    await settle()
    dispatcher.answerWaiting()
    for (const each of clients) await until(() => each.responses.length === 3001)
    const begun = clients.map((_, index) => dispatcher.dispatched.indexOf(`echo ${index}`))
    const ended = clients.map((_, index) => dispatcher.dispatched.lastIndexOf(`echo ${index}`))
    const shared = dispatcher.dispatched.slice(Math.max(...begun), Math.min(...ended))
    expect(longestRun(shared)).toBeLessThanOrEqual(64)
    expect(shared.length).toBeGreaterThan(3000)
  })

  function longestRun(texts: readonly string[]): number {
    let [longest, run] = [0, 0]
    for (const [index, text] of texts.entries()) {
      run = text === texts[index - 1] ? run + 1 : 1
      longest = Math.max(longest, run)
    }
    return longest
  }
})

describe('large frames', () => {
  test('of 20 MiB go through whole, both ways', async () => {
    const { client, server } = await start()
    const large = Buffer.alloc(20 * 1024 * 1024)
    for (let position = 0; position < large.length; position += 4096) large.writeInt32BE(position, position)
    client.socket.write(frame(large))
    await until(() => client.responses.length === 1)
    expect(client.responses[0]?.equals(large)).toBe(true)
    expect(server.queuedRequestBytes).toBe(0)
  })
})

describe('a connection ends', () => {
  test('when the client does, once it is answered', async () => {
    const { client, dispatcher, server } = await start()
    client.send('wait a', 'echo b')
    client.socket.end()
    await until(() => dispatcher.waiting.length === 1)
    await settle()
    expect(client.isClosed).toBe(false)
    dispatcher.answerWaiting()
    await client.closed()
    expect(await client.texts(2)).toEqual(['wait a', 'echo b'])
    await until(() => server.connectionCount === 0)
    expect(server.counts.closed).toEqual({ 'peer-ended': 1 })
  })

  test('when the client breaks off in the middle of a response, and others do not notice', async () => {
    const { client, server } = await start()
    const other = await RawClient.connect(server)
    client.socket.pause()
    client.send('big 30000000', 'big 30000000')
    await settle()
    client.socket.resetAndDestroy()
    await until(() => server.connectionCount === 1)
    expect(server.counts.closed).toEqual({ 'peer-reset': 1 })
    other.send('echo still here')
    expect(await other.texts(1)).toEqual(['echo still here'])
    expect(server.queuedRequestBytes).toBe(0)
  })

  test('when the client breaks off while its request is handled', async () => {
    const { client, dispatcher, server } = await start()
    client.send('wait a')
    await until(() => dispatcher.waiting.length === 1)
    client.socket.resetAndDestroy()
    await until(() => server.connectionCount === 0)
    dispatcher.answerWaiting()
    await settle()
    expect(server.counts.closed).toEqual({ 'peer-reset': 1 })
  })

  test.each([
    ['throws', 'throw', undefined],
    ['rejects', 'wait', new Error('a bug in the handler')],
  ])('when a handler %s, after the answers to what came before', async (_, word, error) => {
    const { client, dispatcher, logger, server } = await start()
    client.send('overlap a', word, 'echo c')
    await until(() => dispatcher.dispatched.length === 2)
    dispatcher.waiting[1]?.fail(error)
    await settle()
    expect(client.isClosed).toBe(false)
    dispatcher.waiting[0]?.answer([Buffer.from('last words')])
    await client.closed()
    expect(await client.texts(1)).toEqual(['last words'])
    expect(server.counts.closed).toEqual({ 'handler-failed': 1 })
    expect(logger.lines.join()).toMatch(
      /from 127\.0\.0\.1:\d+ to PLAINTEXT was closed \(handler-failed\).*a bug in the handler/s,
    )
  })

  test('for the reason that the dispatcher gives', async () => {
    const { client, dispatcher, server } = await start()
    client.send('wait a')
    await until(() => dispatcher.waiting.length === 1)
    dispatcher.waiting[0]?.fail(new ConnectionEnd('no-acknowledgement', 'acks=0 failed'))
    await client.closed()
    expect(server.counts.closed).toEqual({ 'no-acknowledgement': 1 })
  })

  test.each([
    ['HTTP', Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')],
    ['a TLS hello', Buffer.from('16030100c8010000c40303', 'hex')],
    ['a negative size', Buffer.from('ffffffff', 'hex')],
    ['no size', Buffer.alloc(4)],
    ['101 MiB', Buffer.from('06500000', 'hex')],
  ])('at %s, after the answers to what came before', async (_, bytes) => {
    const { client, logger, server } = await start()
    client.socket.write(Buffer.concat([frame('echo 1'), bytes]))
    await client.closed()
    expect(await client.texts(1)).toEqual(['echo 1'])
    expect(server.counts.closed).toEqual({ 'frame-size': 1 })
    expect(logger.lines[0]).toContain('(frame-size)')
  })
})

test('connections are told of, from their beginning to their end', async () => {
  const events: [string, unknown][] = []
  const onOpen = (event: unknown) => void events.push(['open', event])
  const onClose = (event: unknown) => void events.push(['close', event])
  channels.connectionOpen.subscribe(onOpen)
  channels.connectionClose.subscribe(onClose)
  const { client, dispatcher, server } = await start()
  client.send('echo 1')
  await client.texts(1)
  client.socket.write(Buffer.alloc(4))
  await until(() => server.connectionCount === 0)
  channels.connectionOpen.unsubscribe(onOpen)
  channels.connectionClose.unsubscribe(onClose)
  const { connection } = dispatcher
  const message = 'a request of 0 bytes was announced, which no request has: is this Kafka?'
  expect(events).toEqual([
    ['open', { connection }],
    ['close', { connection, reason: 'frame-size', message }],
  ])
})

test('before authentication only small requests are accepted', async () => {
  const dispatcher = new ScriptedDispatcher()
  const listeners = [{ port: 0, requiresAuthentication: true }]
  const server = await startServer({
    dispatcher,
    listeners,
    limits: { maxRequestBytesBeforeAuthentication: 10 },
  })
  const [guest, member] = [await RawClient.connect(server), await RawClient.connect(server)]
  guest.send('echo 12345', 'echo 123456')
  await guest.closed()
  expect(await guest.texts(1)).toEqual(['echo 12345'])
  member.send('echo 1')
  await member.texts(1)
  if (dispatcher.connection !== undefined) dispatcher.connection.isAuthenticated = true
  member.send('echo a longer one')
  expect((await member.texts(2))[1]).toBe('echo a longer one')
})

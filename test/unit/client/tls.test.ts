import { once } from 'node:events'
import { connect, createServer as createTcpServer } from 'node:net'
import { createServer, type TlsOptions as ServerOptions, type TLSSocket } from 'node:tls'
import { describe, expect, onTestFinished, test } from 'vitest'
import { ClusterClient } from '../../../src/client/cluster/cluster-client.ts'
import type { TlsSettings } from '../../../src/client/network/dial.ts'
import { nodeEnv } from '../../../src/env/node-env.ts'
import { startTestCluster } from '../../../src/testing/start-test-cluster.ts'
import { FakeBroker } from './fake-broker.ts'
import { newAuthority, newCertificate, type Subject } from './test-certificate.ts'

const authority = newAuthority('the authority of this test')
const local: Subject = { names: ['localhost'], addresses: ['127.0.0.1'] }

/** Takes TLS off what comes for a broker at `port`. */
async function proxy(port: number, options: ServerOptions) {
  const clients: TLSSocket[] = []
  const server = createServer(options, (client) => {
    clients.push(client)
    const broker = connect(port, '127.0.0.1')
    for (const [from, to] of [
      [client, broker],
      [broker, client],
    ] as const)
      from.on('error', () => to.destroy()).pipe(to)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const client of clients) client.destroy()
    server.close()
  })
  const address = server.address()
  return { port: typeof address === 'object' && address !== null ? address.port : 0, clients }
}

/** What connecting to a proxy with such a certificate comes to: undefined when it works. */
async function outcome(subject: Subject, tls: TlsSettings, host = '127.0.0.1'): Promise<unknown> {
  const broker = await FakeBroker.start()
  const { port } = await proxy(broker.port, newCertificate(authority, subject))
  const client = new ClusterClient({ env: nodeEnv(), bootstrapServers: `${host}:${port}`, tls })
  onTestFinished(() => client.close())
  return await client.connect().catch((error: unknown) => error)
}

describe('a broker behind TLS', () => {
  test('is spoken to like any other, once its authority is trusted', async () => {
    await using cluster = await startTestCluster({ topics: ['orders'] })
    const port = Number(cluster.bootstrap.split(':').at(-1))
    const { port: securePort, clients } = await proxy(port, newCertificate(authority, local))
    // The broker tells its own address, without TLS: only the way to the bootstrap server leads through the proxy.
    using client = new ClusterClient({
      ...{ env: nodeEnv(), bootstrapServers: `localhost:${securePort}`, tls: { ca: authority.cert } },
    })
    const metadata = await client.metadata(['orders'])
    expect(metadata.topics.get('orders')).toMatchObject({ errorCode: 0 })
    expect(await client.topics.need('orders')).toMatchObject({ name: 'orders' })
    expect(clients[0]?.servername).toBe('localhost')
  })

  test('by its address: no name is sent, and the certificate is held against the address', async () => {
    expect(await outcome(local, { ca: authority.cert })).toBeUndefined()
    const error = await outcome({ names: ['localhost'] }, { ca: authority.cert })
    expect(String(error)).toContain('its certificate is for another name (ERR_TLS_CERT_ALTNAME_INVALID)')
  })

  test('is refused when nothing says that it is to be trusted, and nobody tries again', async () => {
    for (const tls of [true, {}, { ca: newAuthority('another').cert }] as const) {
      const error = await outcome(local, tls)
      expect(error).toMatchObject({ name: 'UntrustedBrokerError', code: 'ERR_CONNECTION', retriable: false })
      expect(String(error)).toContain('127.0.0.1:')
      expect(String(error)).toContain('tls.ca')
    }
  })

  test('is refused under another name, or when its certificate has expired', async () => {
    const elsewhere = await outcome({ names: ['broker.example'] }, { ca: authority.cert }, 'localhost')
    expect(elsewhere).toMatchObject({ retriable: false })
    const expired = await outcome({ ...local, until: '20200102000000Z' }, { ca: authority.cert })
    expect(String(expired)).toContain('its certificate has expired (CERT_HAS_EXPIRED)')
  })

  test('is taken as another if that name is given, and as anybody if it is not to be verified', async () => {
    const named = { ca: authority.cert, servername: 'broker.example' }
    expect(await outcome({ names: ['broker.example'] }, named)).toBeUndefined()
    expect(await outcome({ names: ['broker.example'] }, { rejectUnauthorized: false })).toBeUndefined()
  })

  test('may want to know who the client is', async () => {
    const broker = await FakeBroker.start()
    const mutual = { ca: authority.cert, requestCert: true, rejectUnauthorized: true }
    const { port } = await proxy(broker.port, { ...newCertificate(authority, local), ...mutual })
    const attempt = async (tls: TlsSettings): Promise<unknown> => {
      using client = new ClusterClient({ env: nodeEnv(), bootstrapServers: `127.0.0.1:${port}`, tls })
      return await client.connect().catch((error: unknown) => error)
    }
    const trusted = { ca: authority.cert }
    expect(await attempt({ ...trusted, ...newCertificate(authority, {}) })).toBeUndefined()
    expect(await attempt(trusted)).toBeInstanceOf(Error)
  })
})

test('a port without TLS says so', async () => {
  const server = createTcpServer((socket) => socket.on('error', () => {}).end('HTTP/1.1 400 Bad Request\r\n'))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  using client = new ClusterClient({ env: nodeEnv(), bootstrapServers: `127.0.0.1:${port}`, tls: true })
  await expect(client.connect()).rejects.toMatchObject({ retriable: false, code: 'ERR_CONNECTION' })
})

import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { SharedReadBuffer } from '../../../src/server/shared-read-buffer.ts'

const readBuffer = new SharedReadBuffer()

/** Two ends of a connection: the server's is read into the shared buffer. */
async function connection(server: Server): Promise<{ client: Socket; served: Socket }> {
  const accepted = once(server, 'connection')
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1')
  onTestFinished(() => void client.destroy())
  const [socket] = (await accepted) as [Socket]
  const served = readBuffer.adopt(socket)
  onTestFinished(() => void served.destroy())
  return { client, served }
}

async function listening(): Promise<Server> {
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return server
}

test('connections are read into one memory, each gets its own bytes, and answers go back', async () => {
  const server = await listening()
  const ends = [await connection(server), await connection(server)]
  const memories = new Set<ArrayBufferLike>()
  for (const [index, { client, served }] of ends.entries()) {
    const texts: string[] = []
    served.on('data', (bytes: Buffer) => {
      memories.add(bytes.buffer)
      texts.push(bytes.toString())
      served.write(`${texts.join('')}!`)
    })
    client.write(`hello ${index}`)
    const [answer] = (await once(client, 'data')) as [Buffer]
    expect(answer.toString()).toBe(`hello ${index}!`)
  }
  expect(memories.size).toBe(1)
})

test('a paused connection keeps its bytes until it is resumed', async () => {
  const { client, served } = await connection(await listening())
  const wholeBytes = 3_000_000
  let receivedBytes = 0
  served.on('data', (bytes: Buffer) => {
    receivedBytes += bytes.length
    served.pause()
    setImmediate(() => {
      const before = receivedBytes
      setImmediate(() => {
        expect(receivedBytes).toBe(before)
        served.resume()
      })
    })
  })
  client.end(Buffer.alloc(wholeBytes, 7))
  await once(served, 'end')
  expect(receivedBytes).toBe(wholeBytes)
})

test('the end of one half leaves the other open', async () => {
  const { client, served } = await connection(await listening())
  served.resume()
  client.end()
  await once(served, 'end')
  served.end('still here')
  const [bytes] = (await once(client, 'data')) as [Buffer]
  expect(bytes.toString()).toBe('still here')
})

test('a socket without a handle of that kind is used as it is', async () => {
  const server = await listening()
  const accepted = once(server, 'connection')
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1')
  onTestFinished(() => void client.destroy())
  const [socket] = (await accepted) as [Socket]
  onTestFinished(() => void socket.destroy())
  Reflect.set(Reflect.get(socket, '_handle') as object, 'useUserBuffer', undefined)
  const served = readBuffer.adopt(socket)
  expect(served).toBe(socket)
  client.write('hello')
  const [bytes] = (await once(served, 'data')) as [Buffer]
  expect(bytes.toString()).toBe('hello')
})

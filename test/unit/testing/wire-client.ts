import { connect, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import { decodeResponseHeader, encodeRequestHeader } from '../../../src/wire/headers.ts'
import type { Message } from '../../../src/wire/message.ts'

/** The messages of an API. */
interface Declared<Request, Response> {
  readonly request: Message<unknown, Request>
  readonly response: Message<Response, never> | Message<Response, unknown>
}

/** A client that sends what it is told to, one request after the other, and reads the answers. */
export class WireClient {
  readonly #socket: Socket
  readonly #waiting = new Map<number, (frame: Buffer | undefined) => void>()
  #received = Buffer.alloc(0)
  #sentCount = 0
  /** Resolves when the other side has ended the connection. */
  readonly closed: Promise<void>

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on('data', (chunk: Buffer) => this.#take(chunk))
    socket.on('error', () => {})
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()))
    void this.closed.then(() => {
      for (const settle of this.#waiting.values()) settle(undefined)
    })
  }

  /** Closed when the test is over. */
  static async connect(bootstrap: string): Promise<WireClient> {
    const [host, port] = bootstrap.split(':')
    const socket = connect({ host: host ?? '', port: Number(port), noDelay: true })
    onTestFinished(() => void socket.destroy())
    await new Promise((resolve, reject) => {
      socket.once('connect', resolve)
      socket.once('error', reject)
    })
    return new WireClient(socket)
  }

  /** The decoded response; undefined when the connection has ended without one. */
  async ask<Request, Response>(
    { request, response }: Declared<Request, Response>,
    body: Request,
    version = request.maxVersion,
  ): Promise<Response | undefined> {
    const correlationId = ++this.#sentCount
    const header = encodeRequestHeader({
      apiKey: request.apiKey,
      apiVersion: version,
      correlationId,
      clientId: 'test',
    })
    const frame = Buffer.concat([Buffer.alloc(4), header, request.at(version).encode(body)])
    frame.writeInt32BE(frame.length - 4)
    const answer = new Promise<Buffer | undefined>((resolve) => this.#waiting.set(correlationId, resolve))
    this.#socket.write(frame)
    const answered = await answer
    if (answered === undefined) return undefined
    const { bodyPosition } = decodeResponseHeader(answered, request.apiKey, version)
    return response.at(version).decode(answered, bodyPosition)
  }

  /** Breaks off, as a process that dies does. */
  destroy(): void {
    this.#socket.destroy()
  }

  /** Says that nothing more will be asked. */
  end(): void {
    this.#socket.end()
  }

  #take(chunk: Buffer): void {
    this.#received = Buffer.concat([this.#received, chunk])
    while (this.#received.length >= 4) {
      const end = 4 + this.#received.readInt32BE()
      if (this.#received.length < end) return
      const frame = this.#received.subarray(4, end)
      this.#received = this.#received.subarray(end)
      const correlationId = frame.readInt32BE()
      this.#waiting.get(correlationId)?.(frame)
      this.#waiting.delete(correlationId)
    }
  }
}

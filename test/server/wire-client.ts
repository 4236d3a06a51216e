import { connect, type Socket } from 'node:net'
import { FrameAssembler } from '../../src/wire/frame-assembler.ts'
import { decodeResponseHeader, encodeRequestHeader } from '../../src/wire/headers.ts'
import type { Message } from '../../src/wire/message.ts'

/** The connection ended before the answer came: whether the request took effect is not known. */
export class ConnectionLostError extends Error {
  override readonly name = 'ConnectionLostError'
}

interface Pending {
  take(frame: Buffer): void
  readonly fail: (error: Error) => void
}

/**
 * A client on a bare socket that knows the codec of the protocol and nothing else: what it is told of the broker is
 * not what a client of ours would make of it. Requests are pipelined, and answered in their order.
 */
export class WireClient implements Disposable {
  readonly #socket: Socket
  readonly #pending: Pending[] = []
  #correlationId = 0
  #isLost = false

  private constructor(socket: Socket) {
    this.#socket = socket
    const assembler = new FrameAssembler({ accept: () => {}, take: () => true })
    socket.on('data', (chunk: Buffer) => {
      assembler.push(chunk)
      for (let frame = assembler.next(); frame !== undefined; frame = assembler.next())
        this.#pending.shift()?.take(frame)
    })
    socket.on('error', () => undefined)
    for (const event of ['end', 'close']) socket.on(event, () => this.#lose())
  }

  /** @throws ConnectionLostError when nobody listens there */
  static async connect(port: number): Promise<WireClient> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    const client = new WireClient(socket)
    await new Promise((resolve, reject) => {
      socket.once('connect', resolve)
      socket.once('close', () => reject(new ConnectionLostError('nobody listens')))
    })
    return client
  }

  /**
   * Sends a request and resolves to its answer. The connection is given up when none comes for `timeoutMs`.
   *
   * @throws ConnectionLostError
   */
  async call<Request, Response>(
    declared: {
      readonly request: Message<unknown, Request>
      readonly response: Message<Response, never> | Message<Response, unknown>
    },
    apiVersion: number,
    body: Request,
    timeoutMs = 30_000,
  ): Promise<Response> {
    const { apiKey } = declared.request
    const frame = await this.#exchange(
      [
        encodeRequestHeader({ apiKey, apiVersion, correlationId: ++this.#correlationId, clientId: 'wire' }),
        declared.request.at(apiVersion).encode(body),
      ],
      timeoutMs,
    )
    const { bodyPosition } = decodeResponseHeader(frame, apiKey, apiVersion)
    return declared.response.at(apiVersion).decode(frame, bodyPosition)
  }

  [Symbol.dispose](): void {
    this.#socket.destroy()
    this.#lose()
  }

  #exchange(pieces: readonly Buffer[], timeoutMs: number): Promise<Buffer> {
    return new Promise((take, fail) => {
      if (this.#isLost) throw new ConnectionLostError('the connection has ended')
      const timer = setTimeout(() => this[Symbol.dispose](), timeoutMs)
      this.#pending.push({
        take: (frame) => (clearTimeout(timer), take(frame)),
        fail: (error) => (clearTimeout(timer), fail(error)),
      })
      const size = Buffer.alloc(4)
      size.writeInt32BE(pieces.reduce((sum, { length }) => sum + length, 0))
      this.#socket.write(Buffer.concat([size, ...pieces]))
    })
  }

  #lose(): void {
    this.#isLost = true
    for (const { fail } of this.#pending.splice(0)) fail(new ConnectionLostError('the connection has ended'))
  }
}

import { createServer, type Server, type Socket } from 'node:net'
import { advertisedEndpoint, type Endpoint, type ListenerAddress } from './listener-address.ts'
import type { SharedReadBuffer } from './shared-read-buffer.ts'

/** What a {@link Listener} reports. */
export interface ListenerEvents {
  /** The bytes of what `socket` reads are overwritten by what any reads next. */
  onSocket(socket: Socket, address: ListenerAddress): void
  /** The system could not hand over a connection, for instance because no file descriptors are left. */
  onAcceptError(error: Error, address: ListenerAddress): void
}

/** One listening socket. */
export class Listener {
  readonly address: ListenerAddress
  readonly endpoint: Endpoint
  /** The port listened on. */
  readonly port: number
  readonly #server: Server

  private constructor(server: Server, address: ListenerAddress, port: number) {
    this.#server = server
    this.address = address
    this.port = port
    this.endpoint = advertisedEndpoint(address, port)
  }

  /** Listens, or rejects with the system's error (`EADDRINUSE`, `EACCES`, ...), which names the address. */
  static async listen(
    address: ListenerAddress,
    backlog: number,
    readBuffer: SharedReadBuffer,
    events: ListenerEvents,
  ): Promise<Listener> {
    // A client may close its half once it has asked, and still be answered.
    const server = createServer({ allowHalfOpen: true, keepAlive: true, pauseOnConnect: true })
    server.on('connection', (socket) => events.onSocket(readBuffer.adopt(socket), address))
    const port = await listening(server, address, backlog)
    server.on('error', (error) => events.onAcceptError(error, address))
    return new Listener(server, address, port)
  }

  /** Accepts nobody any more, at once. Connections are not its affair. */
  close(): void {
    this.#server.close()
  }
}

function listening(server: Server, { host, port }: ListenerAddress, backlog: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port, backlog }, () => {
      server.off('error', reject)
      const bound = server.address()
      resolve(typeof bound === 'object' && bound !== null ? bound.port : port)
    })
  })
}

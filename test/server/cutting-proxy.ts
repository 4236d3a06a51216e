import { connect, createServer, type Server, type Socket } from 'node:net'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { SeededRandom } from '../../src/testing/seeded-random.ts'
import { FrameAssembler } from '../../src/wire/frame-assembler.ts'

/** How a {@link CuttingProxy} treats what comes. */
export interface CuttingProxyOptions {
  readonly random: SeededRandom
  readonly oneIn: number
  readonly target: number
  /** How much later than it could each frame may come. Default 0. */
  readonly delayMsMax?: number
}

/**
 * Stands between clients and a broker, and cuts connections off at random:
 *
 * - when a request has arrived, before the broker answers: it may or may not have taken effect
 * - when the broker has answered, so that it surely has: the client never learns it, or only half of it
 * - not at all, but nothing comes through any more: the client gives up by itself
 *
 * It may also be slow.
 */
export class CuttingProxy implements AsyncDisposable {
  readonly #server: Server
  readonly #random: SeededRandom
  readonly #delayMsMax: number
  readonly #sockets = new Set<Socket>()
  /** One in so many answers is not delivered; 0 for none. */
  oneIn: number
  /** Where the broker listens. */
  target: number
  cutCount = 0

  private constructor(server: Server, given: CuttingProxyOptions) {
    this.#server = server
    this.#random = given.random
    this.oneIn = given.oneIn
    this.target = given.target
    this.#delayMsMax = given.delayMsMax ?? 0
  }

  static async start(given: CuttingProxyOptions): Promise<CuttingProxy> {
    const server = createServer({ noDelay: true })
    const proxy = new CuttingProxy(server, given)
    server.on('connection', (client) => proxy.#join(client))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return proxy
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** Cuts every connection off. */
  cutAll(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cutAll()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #join(client: Socket): void {
    const broker = connect({ port: this.target, host: '127.0.0.1', noDelay: true })
    const cut = () => {
      client.destroy()
      broker.destroy()
    }
    for (const socket of [client, broker]) {
      this.#sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        this.#sockets.delete(socket)
        cut()
      })
    }
    const isChosen = () => this.oneIn > 0 && this.#random.int(this.oneIn) === 0
    this.#forward(client, broker, () => {
      if (!isChosen() || this.#random.int(3) > 0) return 'pass'
      this.cutCount++
      // The request is on its way; the broker may still hear of it.
      setImmediate(cut)
      return 'pass'
    })
    this.#forward(broker, client, () => {
      if (!isChosen()) return 'pass'
      this.cutCount++
      const kind = this.#random.int(20)
      if (kind === 0) return 'swallow'
      setImmediate(cut)
      return kind < 10 ? 'half' : 'swallow'
    })
  }

  /** Frame by frame, each as `fate` decides; after the first that does not pass nothing does. */
  #forward(from: Socket, to: Socket, fate: () => 'pass' | 'half' | 'swallow'): void {
    const assembler = new FrameAssembler({ accept: () => {}, take: () => true })
    const send = this.#sender(to)
    let isSwallowing = false
    from.on('data', (chunk: Buffer) => {
      if (isSwallowing) return
      assembler.push(chunk)
      for (let frame = assembler.next(); frame !== undefined; frame = assembler.next()) {
        const decided = fate()
        const size = Buffer.alloc(4)
        size.writeInt32BE(frame.length)
        const bytes = Buffer.concat([size, frame])
        if (decided !== 'swallow')
          send(decided === 'half' ? bytes.subarray(0, 4 + (frame.length >> 1)) : bytes)
        isSwallowing = decided !== 'pass'
        if (isSwallowing) return
      }
    })
  }

  /** Writes one thing after the other, each after a pause of its own if the link is slow. */
  #sender(to: Socket): (bytes: Buffer) => void {
    if (this.#delayMsMax === 0) return (bytes) => void to.write(bytes)
    let sent: Promise<unknown> = Promise.resolve()
    return (bytes) => {
      sent = sent.then(() => sleep(this.#random.int(this.#delayMsMax))).then(() => to.write(bytes))
    }
  }
}

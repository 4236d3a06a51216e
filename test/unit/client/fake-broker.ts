import { createServer, type Server, type Socket } from 'node:net'
import { once } from 'node:events'
import { onTestFinished } from 'vitest'
import { Timers } from '../../../src/env/timers.ts'
import { turn } from '../../../src/env/turn.ts'
import { nodeClock } from '../../../src/env/node-clock.ts'
import { BrokerConnection, type ConnectionSettings } from '../../../src/client/network/broker-connection.ts'
import { resolveClientLimits } from '../../../src/client/cluster/client-options.ts'
import { ManualClock } from '../../../src/testing/manual-clock.ts'
import { FrameAssembler } from '../../../src/wire/frame-assembler.ts'
import { decodeRequestHeader, encodeResponseHeader } from '../../../src/wire/headers.ts'
import { apiVersionsResponse } from '../../../src/wire/messages/18-api-versions.ts'

/** A request that a {@link FakeBroker} was sent. */
export interface FakeRequest {
  readonly apiKey: number
  readonly apiVersion: number
  readonly correlationId: number
  readonly clientId: string | null
  readonly frame: Buffer
  readonly socket: Socket
  /** Answers with the encoded body, as a broker would. */
  answer(body: Buffer): void
}

/** What the broker answers a request with; `undefined` for what it would by itself. */
export type Script = (request: FakeRequest) => Buffer | 'nothing' | undefined

const apiVersionsKey = 18
/** Only a test that fails waits for so long. */
const patienceMs = 60_000

/** A broker of which a test decides every byte. ApiVersions is answered by itself, unless the script does. */
export class FakeBroker {
  readonly requests: FakeRequest[] = []
  readonly sockets: Socket[] = []
  readonly #server: Server
  readonly #script: Script

  private constructor(server: Server, script: Script) {
    this.#server = server
    this.#script = script
    server.on('connection', (socket) => this.#take(socket))
  }

  static async start(script: Script = () => undefined): Promise<FakeBroker> {
    const server = createServer()
    const broker = new FakeBroker(server, script)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => broker.stop())
    return broker
  }

  get port(): number {
    const address = this.#server.address()
    return typeof address === 'object' && address !== null ? address.port : 0
  }

  get address(): string {
    return `127.0.0.1:${this.port}`
  }

  /** The requests but those for ApiVersions, once there are `count`. */
  async asked(count: number): Promise<FakeRequest[]> {
    const others = () => this.requests.filter(({ apiKey }) => apiKey !== apiVersionsKey)
    await until(() => others().length >= count)
    return others()
  }

  /** Breaks all connections, and listens no more. */
  stop(): void {
    for (const socket of this.sockets) socket.destroy()
    this.#server.close()
  }

  #take(socket: Socket): void {
    this.sockets.push(socket)
    socket.on('error', () => {})
    const assembler = new FrameAssembler({ accept: () => {}, take: () => true })
    socket.on('data', (chunk: Buffer) => {
      assembler.push(chunk)
      for (let frame = assembler.next(); frame !== undefined; frame = assembler.next())
        this.#handle(frame, socket)
    })
  }

  #handle(frame: Buffer, socket: Socket): void {
    const { apiKey, apiVersion, correlationId, clientId } = decodeRequestHeader(frame)
    const request: FakeRequest = {
      ...{ apiKey, apiVersion, correlationId, clientId, frame, socket },
      answer: (body) => socket.write(responseFrame(apiKey, apiVersion, correlationId, body)),
    }
    this.requests.push(request)
    const body = this.#script(request) ?? (apiKey === apiVersionsKey ? allVersions(apiVersion) : undefined)
    if (body !== undefined && body !== 'nothing') request.answer(body)
  }
}

/** A response as it goes over the wire. */
export function responseFrame(
  apiKey: number,
  apiVersion: number,
  correlationId: number,
  body: Buffer,
): Buffer {
  const header = encodeResponseHeader(apiKey, apiVersion, correlationId)
  const size = Buffer.alloc(4)
  size.writeInt32BE(header.length + body.length)
  return Buffer.concat([size, header, body])
}

/** An answer to ApiVersions: every API there is, up to version 100. */
function allVersions(apiVersion: number): Buffer {
  const apiKeys = Array.from({ length: 93 }, (_, apiKey) => ({ apiKey, minVersion: 0, maxVersion: 100 }))
  return apiVersionsResponse.at(apiVersion).encode({ errorCode: 0, apiKeys })
}

/** Settings of a connection; nothing times out unless the clock is a manual one and told to move. */
export function settings(
  clock = new ManualClock(),
  limits: Partial<ConnectionSettings['limits']> = {},
): ConnectionSettings {
  const timers = new Timers(clock)
  const software = { name: 'tidemark', version: '1.2.3' }
  return { clock, timers, clientId: 'test', software, limits: { ...resolveClientLimits(), ...limits } }
}

/** A connection to `broker`, closed when the test is over. */
export async function open(broker: FakeBroker, given = settings()): Promise<BrokerConnection> {
  const connection = await BrokerConnection.open({ host: '127.0.0.1', port: broker.port }, given)
  onTestFinished(() => connection.close())
  return connection
}

/** Waits, a turn of the event loop at a time, for what sockets bring about. */
export async function until(condition: () => boolean): Promise<void> {
  const clock = nodeClock()
  const endMs = clock.monotonicMs() + patienceMs
  while (!condition()) {
    if (clock.monotonicMs() > endMs) throw new Error(`this has not come true: ${condition.toString()}`)
    await turn(clock)
  }
}

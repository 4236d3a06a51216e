import { connect, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import { FrameAssembler } from '../../src/wire/frame-assembler.ts'
import { KafkaServer, type KafkaServerOptions } from '../../src/server/kafka-server.ts'
import type { Answer, ConnectionInfo, RequestDispatcher } from '../../src/server/request-dispatcher.ts'
import { turn } from '../../src/env/turn.ts'
import { ManualClock } from '../../src/testing/manual-clock.ts'
import { nodeClock } from '../../src/env/node-clock.ts'

const clock = nodeClock()
/** Only a test that fails waits for so long. */
const patienceMs = 60_000
/** The least that {@link settle} waits: a loaded machine hands on what was sent only when it comes round to it. */
const settleMs = 20

/** Starts a server on a free port of this computer; it is closed when the test is over. */
export async function startServer(
  options: Omit<KafkaServerOptions, 'listeners'> & Pick<Partial<KafkaServerOptions>, 'listeners'>,
): Promise<KafkaServer> {
  const limits = { shutdownDeadlineMs: 0, ...options.limits }
  const server = await KafkaServer.listen({ listeners: [{ port: 0 }], ...options, limits })
  onTestFinished(async () => {
    const closed = server.close()
    // The deadline is at once, but by this clock it comes only when told to.
    if (options.clock instanceof ManualClock) await options.clock.runFor(1)
    await closed
  })
  return server
}

/** Waits, a turn of the event loop at a time, for what sockets bring about. */
export async function until(condition: () => boolean): Promise<void> {
  const endMs = clock.monotonicMs() + patienceMs
  while (!condition()) {
    if (clock.monotonicMs() > endMs) throw new Error(`this has not come true: ${condition.toString()}`)
    await turn(clock)
  }
}

/** Turns and time enough for all that is on its way over the loopback to arrive. */
export async function settle(turns = 50): Promise<void> {
  const endMs = clock.monotonicMs() + settleMs
  for (let count = 0; count < turns || clock.monotonicMs() < endMs; count++) await turn(clock)
}

/** A text as a request. */
export function frame(text: string | Buffer): Buffer {
  const body = Buffer.from(text)
  const size = Buffer.alloc(4)
  size.writeInt32BE(body.length)
  return Buffer.concat([size, body])
}

/** A client on a bare socket. */
export class RawClient {
  readonly socket: Socket
  readonly responses: Buffer[] = []
  /** Whether the server has ended or broken the connection. */
  isClosed = false

  private constructor(socket: Socket) {
    this.socket = socket
    const assembler = new FrameAssembler({ accept: () => {}, take: () => true })
    socket.on('data', (chunk: Buffer) => {
      assembler.push(chunk)
      for (let each = assembler.next(); each !== undefined; each = assembler.next()) this.responses.push(each)
    })
    for (const event of ['end', 'close']) socket.on(event, () => (this.isClosed = true))
    socket.on('error', () => {})
  }

  static async connect(server: KafkaServer): Promise<RawClient> {
    const socket = connect({
      port: server.ports[0] ?? 0,
      host: '127.0.0.1',
      allowHalfOpen: true,
      noDelay: true,
    })
    onTestFinished(() => void socket.destroy())
    const client = new RawClient(socket)
    await new Promise((resolve) => {
      socket.once('connect', resolve)
      socket.once('error', resolve)
    })
    return client
  }

  /** Sends requests in one write. */
  send(...texts: readonly string[]): void {
    this.socket.write(Buffer.concat(texts.map(frame)))
  }

  /** The texts of the first `count` responses, once they are there. */
  async texts(count: number): Promise<string[]> {
    await until(() => this.responses.length >= count || this.isClosed)
    return this.responses.map((response) => response.toString('latin1'))
  }

  async closed(): Promise<void> {
    await until(() => this.isClosed)
  }
}

/** A request that a {@link ScriptedDispatcher} was given. */
export interface ScriptedRequest {
  readonly text: string
  readonly connection: ConnectionInfo
  answer(answer: Answer): void
  fail(error: unknown): void
}

/**
 * Answers by the first word of the request: `echo` with the request, `none` not at all, `big N` with N bytes,
 * `throw` by throwing, `wait` when the test says so, and `overlap` likewise, letting others pass.
 */
export class ScriptedDispatcher implements RequestDispatcher {
  readonly waiting: ScriptedRequest[] = []
  /** The texts of all requests, in the order in which they were dispatched. */
  readonly dispatched: string[] = []
  #big = Buffer.alloc(0)
  /** The last connection that asked. */
  connection: ConnectionInfo | undefined

  overlaps(request: Buffer): boolean {
    return request.toString('latin1', 0, 7) === 'overlap'
  }

  dispatch(request: Buffer, connection: ConnectionInfo): Answer | Promise<Answer> {
    const text = request.length > 100 ? request.toString('latin1', 0, 100) : request.toString('latin1')
    const [word, size] = text.split(' ', 2)
    this.dispatched.push(text)
    this.connection = connection
    if (word === 'throw') throw new Error('a bug in the handler')
    if (word === 'none') return undefined
    if (word === 'big') return [this.#bytes(Number(size))]
    if (word !== 'wait' && word !== 'overlap') return [request]
    return new Promise((resolve, reject) => {
      this.waiting.push({ text, connection, answer: resolve, fail: reject })
    })
  }

  /** The same ones each time, so that memory that grows is the server's. */
  #bytes(size: number): Buffer {
    if (this.#big.length < size) this.#big = Buffer.alloc(size, 'x')
    return this.#big.subarray(0, size)
  }

  /** Answers what waits with its own text, in the given order of places. */
  answerWaiting(order = [...this.waiting.keys()]): void {
    const waiting = this.waiting.splice(0)
    for (const place of order) waiting[place]?.answer([Buffer.from(waiting[place].text)])
  }
}

/** Log lines kept for the test to look at. */
export class KeptLog {
  readonly lines: string[] = []
  readonly info = (line: string) => void this.lines.push(line)
  readonly warn = this.info
  readonly error = this.info
}

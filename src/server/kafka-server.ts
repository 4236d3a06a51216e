import type { Socket } from 'node:net'
import { Timers } from '../env/timers.ts'
import type { Clock } from '../env/env.ts'
import { nodeClock } from '../env/node-clock.ts'
import { FrameMemory } from '../wire/frame-memory.ts'
import { ByteBudget } from './byte-budget.ts'
import { channels } from './channels.ts'
import { type CloseReason, ConnectionEnd } from './close-reason.ts'
import type { ClientAtFirst } from './connected-client.ts'
import { Connection, type ConnectionServices } from './connection.ts'
import { ConnectionLimits, type RefusalReason } from './connection-limits.ts'
import { Listener } from './listener.ts'
import {
  type Endpoint,
  type ListenerAddress,
  type ListenerOptions,
  plainAddress,
  resolveListeners,
} from './listener-address.ts'
import type { ConnectionInfo, RequestDispatcher } from './request-dispatcher.ts'
import { ResponseMemory } from './response-memory.ts'
import type { SentPieces } from './response-writer.ts'
import { resolveServerConfig, type ServerConfig, type ServerLimits } from './server-config.ts'
import { LimitedLog, type Logger, silentLogger } from './server-log.ts'
import { SharedReadBuffer } from './shared-read-buffer.ts'
import { TurnShare } from './turn-share.ts'

/** How a server is started. */
export interface KafkaServerOptions {
  /** Who answers. */
  readonly dispatcher: RequestDispatcher
  /** Default: one, `127.0.0.1:9092`. */
  readonly listeners?: readonly ListenerOptions[]
  /** What it may cost. Each has a finite default. */
  readonly limits?: ServerLimits
  /** Default: silent. */
  readonly logger?: Logger
  /** Default: the computer's. */
  readonly clock?: Clock
  /**
   * Is given back each piece of an answer that has been sent, for its memory to be used again. Default: nobody.
   *
   * @internal
   */
  readonly responseBuffers?: SentPieces
}

/** What happened since the start. */
export interface ServerCounts {
  accepted: number
  /** By the limit that was reached. */
  readonly refused: Partial<Record<RefusalReason, number>>
  readonly closed: Partial<Record<CloseReason, number>>
}

/** Closings that are nothing to write a line about. */
const quietReasons: ReadonlySet<CloseReason> = new Set(['peer-ended', 'peer-reset', 'idle', 'shutdown'])

/**
 * Kafka's protocol on TCP: sockets, frames and limits. What is in the frames it leaves to a {@link RequestDispatcher}.
 *
 * ```ts
 * await using server = await KafkaServer.listen({ dispatcher, listeners: [{ port: 0 }] })
 * const [{ host, port }] = server.endpoints
 * ```
 */
export class KafkaServer implements AsyncDisposable {
  readonly counts: ServerCounts = { accepted: 0, refused: {}, closed: {} }
  readonly #config: ServerConfig
  readonly #services: ConnectionServices
  readonly #timers: Timers
  readonly #limits: ConnectionLimits
  readonly #log: LimitedLog
  readonly #readBuffer = new SharedReadBuffer()
  readonly #connections = new Set<Connection>()
  #listeners: readonly Listener[] = []
  #onEmpty: (() => void) | undefined
  #closing: Promise<void> | undefined

  private constructor(options: KafkaServerOptions) {
    const { dispatcher, clock = nodeClock(), logger = silentLogger } = options
    const config = resolveServerConfig(options.limits)
    this.#config = config
    this.#timers = new Timers(clock)
    this.#limits = new ConnectionLimits(config)
    this.#log = new LimitedLog(logger, clock)
    const budget = new ByteBudget(config.maxQueuedRequestBytes, config.ownRequestBytes)
    const responses = new ResponseMemory(config.maxTotalUnsentBytes)
    const frameMemory = new FrameMemory()
    const turns = new TurnShare(clock)
    this.#services = {
      config,
      dispatcher,
      budget,
      responses,
      clock,
      timers: this.#timers,
      frameMemory,
      turns,
      responseBuffers: options.responseBuffers,
    }
  }

  /**
   * Listens on all listeners, or on none: rejects with the system's error if one cannot. TypeError and RangeError for
   * options that make no sense.
   */
  static async listen(options: KafkaServerOptions): Promise<KafkaServer> {
    const addresses = resolveListeners(options.listeners ?? [{}])
    const server = new KafkaServer(options)
    try {
      for (const address of addresses) await server.#listen(address)
    } catch (error) {
      await server.close()
      throw error
    }
    return server
  }

  /** Where clients reach it, in the order of the listeners. */
  get endpoints(): readonly Endpoint[] {
    return this.#listeners.map(({ endpoint }) => endpoint)
  }

  /** Ports listened on, in the order of the listeners. */
  get ports(): readonly number[] {
    return this.#listeners.map(({ port }) => port)
  }

  /** Connections now open. */
  get connectionCount(): number {
    return this.#connections.size
  }

  /** Request bytes held out of the shared budget. */
  get queuedRequestBytes(): number {
    return this.#services.budget.sharedBytes
  }

  /** Response bytes that clients have yet to read. */
  get unsentResponseBytes(): number {
    return this.#services.responses.totalBytes
  }

  /**
   * Stops accepting, answers the requests under way, closes. What is not answered by `shutdownDeadlineMs` is cut off.
   * May be called again; never rejects.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #listen(address: ListenerAddress): Promise<void> {
    const listener = await Listener.listen(address, this.#config.listenBacklog, this.#readBuffer, {
      onSocket: (socket) => this.#onSocket(socket, address),
      onAcceptError: (error) => this.#log.error('accept', `${address.name}: ${error.message}`),
    })
    this.#listeners = [...this.#listeners, listener]
  }

  async #close(): Promise<void> {
    for (const listener of this.#listeners) listener.close()
    const end = new ConnectionEnd('shutdown', 'the server stops')
    if (this.#config.shutdownDeadlineMs !== Number.POSITIVE_INFINITY)
      this.#timers.after(this.#config.shutdownDeadlineMs, () => {
        for (const connection of this.#connections) connection.destroy(end)
      })
    for (const connection of this.#connections) connection.endAfterAnswers(end)
    if (this.#connections.size > 0) await new Promise<void>((resolve) => (this.#onEmpty = resolve))
    this.#timers.close()
  }

  #onSocket(socket: Socket, { name, requiresAuthentication }: ListenerAddress): void {
    const remoteAddress = plainAddress(socket.remoteAddress ?? '')
    const refusal = this.#limits.admit(remoteAddress, this.#services.clock.monotonicMs())
    if (refusal !== undefined) return this.#refuse(socket, name, remoteAddress, refusal)
    this.#open(socket, {
      id: ++this.counts.accepted,
      remoteAddress,
      remotePort: socket.remotePort ?? 0,
      listenerName: name,
      isAuthenticated: !requiresAuthentication,
    })
  }

  #refuse(socket: Socket, listenerName: string, remoteAddress: string, reason: RefusalReason): void {
    socket.on('error', () => {})
    socket.destroy()
    this.counts.refused[reason] = (this.counts.refused[reason] ?? 0) + 1
    this.#log.warn(
      reason,
      `a connection from ${remoteAddress} to ${listenerName} was refused: ${reason} is reached`,
    )
    if (channels.connectionRefuse.hasSubscribers)
      channels.connectionRefuse.publish({ listenerName, remoteAddress, reason })
  }

  #open(socket: Socket, client: ClientAtFirst): void {
    const connection: Connection = new Connection(socket, client, this.#services, (end) =>
      this.#onClosed(connection, end),
    )
    this.#connections.add(connection)
    if (channels.connectionOpen.hasSubscribers)
      channels.connectionOpen.publish({ connection: connection.info })
    if (this.#closing !== undefined) connection.destroy(new ConnectionEnd('shutdown', 'the server stops'))
  }

  #onClosed(connection: Connection, { reason, message }: ConnectionEnd): void {
    const { info } = connection
    this.#connections.delete(connection)
    this.#limits.release(info.remoteAddress)
    this.counts.closed[reason] = (this.counts.closed[reason] ?? 0) + 1
    if (!quietReasons.has(reason))
      this.#log.warn(reason, `${nameOf(info)} was closed (${reason}): ${message}`)
    if (channels.connectionClose.hasSubscribers)
      channels.connectionClose.publish({ connection: info, reason, message })
    if (this.#connections.size === 0) this.#onEmpty?.()
  }
}

function nameOf({ remoteAddress, remotePort, listenerName, clientId }: ConnectionInfo): string {
  const client = clientId === undefined ? '' : ` of client '${clientId}'`
  return `connection${client} from ${remoteAddress}:${remotePort} to ${listenerName}`
}

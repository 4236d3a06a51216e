import type { Socket } from 'node:net'
import { ClosedError, ConnectionError, TimeoutError } from '../../base/errors.ts'
import type { Clock } from '../../env/env.ts'
import type { Timer, Timers } from '../../env/timers.ts'
import { FrameAssembler } from '../../wire/frame-assembler.ts'
import { readResponseHeader } from '../../wire/header-codec.ts'
import { apiVersionsRequest } from '../../wire/messages/18-api-versions.ts'
import type { ClientLimits } from '../cluster/client-options.ts'
import { negotiate } from './api-versions.ts'
import { type BrokerAddress, formatAddress } from './broker-address.ts'
import { connectionFailure } from './connection-failure.ts'
import { dial, type TlsSettings } from './dial.ts'
import { PendingRequests } from './pending-requests.ts'
import { type Outgoing, outgoing, requestFrame } from './request-frame.ts'
import type { Rpc, ServedVersions } from './rpc.ts'
import { SendQueue } from './send-queue.ts'
import { pauseMsIn } from './throttle.ts'
import type { BrokerLink, CallInput, CallOptions } from './transport.ts'

/** What connections share. */
export interface ConnectionSettings {
  readonly clock: Clock
  readonly timers: Timers
  /** What the client calls itself in each request. */
  readonly clientId: string
  /** What it is, told once (KIP-511). */
  readonly software: { readonly name: string; readonly version: string }
  readonly tls?: TlsSettings | undefined
  readonly limits: Pick<
    ClientLimits,
    'connectTimeoutMs' | 'requestTimeoutMs' | 'maxResponseBytes' | 'connectionsMaxIdleMs'
  >
}

const maxCorrelationId = 2 ** 31 - 1

/**
 * A connection to one broker. Requests are pipelined: each goes out at once, unless the socket is full or the broker wants a pause, and
 * answers come in their order.
 *
 * Whatever goes wrong on the connection ends it, and all that waits is told: after a late answer, or bytes that are none,
 * there is no telling what belongs to what.
 */
export class BrokerConnection implements BrokerLink {
  readonly address: string
  readonly #socket: Socket
  readonly #settings: ConnectionSettings
  readonly #pending = new PendingRequests()
  readonly #queue: SendQueue
  readonly #assembler: FrameAssembler
  #served: ServedVersions = new Map()
  #lastCorrelationId = -1
  #lastUsedMs: number
  #idleTimer: Timer | undefined
  #failure: Error | undefined

  private constructor(address: string, socket: Socket, settings: ConnectionSettings) {
    this.address = address
    this.#socket = socket
    this.#settings = settings
    this.#lastUsedMs = settings.clock.monotonicMs()
    this.#assembler = new FrameAssembler({
      accept: (sizeBytes) => this.#acceptSize(sizeBytes),
      take: () => true,
    })
    this.#queue = new SendQueue(socket, {
      timers: settings.timers,
      delayMs: settings.limits.requestTimeoutMs,
      onStuck: () => this.#fail(new TimeoutError(`${this.address} takes no more requests`)),
    })
    socket.on('data', (chunk: Buffer) => this.#onData(chunk))
    socket.on('error', (error) => this.#fail(connectionFailure(this.address, error)))
    for (const event of ['end', 'close']) socket.on(event, () => this.#fail(this.#closedByBroker()))
  }

  /**
   * Connects, and asks the broker what it serves.
   *
   * @throws ConnectionError, TimeoutError, UntrustedBrokerError, UnsupportedVersionError, or the reason of `signal`
   */
  static async open(
    where: BrokerAddress,
    settings: ConnectionSettings,
    signal?: AbortSignal,
  ): Promise<BrokerConnection> {
    signal?.throwIfAborted()
    const { socket, readyEvent } = dial(where, settings.tls)
    const connection = new BrokerConnection(formatAddress(where), socket, settings)
    const onAbort = () => connection.#fail(signal?.reason)
    signal?.addEventListener('abort', onAbort, { once: true })
    try {
      await connection.#connected(readyEvent)
      const { served, pauseMs } = await negotiate(
        (version, body) => connection.#askVersions(version, body, { signal }),
        settings.software,
      )
      connection.#served = served
      connection.#pause(pauseMs)
      connection.#watchIdle(settings.limits.connectionsMaxIdleMs)
      return connection
    } catch (error) {
      connection.close()
      throw error
    } finally {
      signal?.removeEventListener('abort', onAbort)
    }
  }

  get isOpen(): boolean {
    return this.#failure === undefined
  }

  get inFlightCount(): number {
    return this.#pending.count + this.#queue.waitingCount
  }

  get isThrottled(): boolean {
    return this.#queue.isPaused
  }

  get served(): ServedVersions {
    return this.#served
  }

  async call<Input, Value>(
    api: Rpc<Input, Value>,
    input: CallInput<Input>,
    options: CallOptions = {},
  ): Promise<Value> {
    const request = outgoing(api, input, this.#served, this.address)
    const frame = await this.#exchange(request, options)
    const { bodyPosition } = readResponseHeader(frame, request.isFlexible)
    const response = api.response.at(request.apiVersion).decode(frame, bodyPosition)
    this.#pause(pauseMsIn(response, request.requestName, request.apiVersion))
    return response
  }

  async tell<Input>(api: Rpc<Input, unknown>, input: CallInput<Input>): Promise<void> {
    const request = outgoing(api, input, this.#served, this.address)
    await new Promise<void>((resolve, reject) => this.#enqueue(request, () => resolve(), reject))
  }

  close(): void {
    this.#fail(new ClosedError(`the connection to ${this.address} is closed`))
  }

  async #askVersions(apiVersion: number, body: Buffer, options: CallOptions) {
    const { apiKey, name: requestName } = apiVersionsRequest
    const isFlexible = apiVersionsRequest.isFlexible(apiVersion)
    const request = { requestName, apiKey, apiVersion, isFlexible, encode: () => [body] }
    const frame = await this.#exchange(request, options)
    // Its response header never has tags: who asks does not know yet what the broker understands.
    return { frame, bodyPosition: readResponseHeader(frame, false).bodyPosition }
  }

  /** Sends a request and resolves to the frame that answers it. */
  #exchange(request: Outgoing, { signal, timeoutMs }: CallOptions): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted()
      // Who gives up waits no more. If the request is sent, the answer still has to come, and in its turn.
      const onAbort = () => reject(signal?.reason)
      const settled = () => signal?.removeEventListener('abort', onAbort)
      signal?.addEventListener('abort', onAbort, { once: true })
      const delayMs = timeoutMs ?? this.#settings.limits.requestTimeoutMs
      const refuse = (error: unknown) => (settled(), reject(error))
      const onSent = (correlationId: number) =>
        this.#pending.add({
          correlationId,
          deadline: this.#settings.timers.after(delayMs, () =>
            this.#onTimeout(correlationId, request.requestName, delayMs),
          ),
          resolve: (frame) => (settled(), resolve(frame)),
          reject: refuse,
        })
      this.#enqueue(request, onSent, refuse, signal)
    })
  }

  /** Sends a request when its turn has come, unless the connection has failed by then or nobody wants it any more. */
  #enqueue(
    request: Outgoing,
    onSent: (correlationId: number) => void,
    refuse: (error: unknown) => void,
    signal?: AbortSignal,
  ): void {
    this.#queue.add(() => {
      if (this.#failure !== undefined) refuse(this.#failure)
      else if (signal?.aborted !== true)
        try {
          onSent(this.#write(request))
        } catch (error) {
          refuse(error)
        }
    })
  }

  /**
   * A broker whose quota is used up reads nothing for a while, so nothing is sent (KIP-219): no deadline runs then, and others
   * may be asked. What it asks for beyond `requestTimeoutMs` is no quota's doing.
   */
  #pause(delayMs: number): void {
    const pauseMs = Math.min(delayMs, this.#settings.limits.requestTimeoutMs)
    if (pauseMs > 0 && this.#failure === undefined) this.#queue.pause(pauseMs)
  }

  /** Returns the correlation id. */
  #write(request: Outgoing): number {
    const { clientId, clock } = this.#settings
    const correlationId = this.#lastCorrelationId === maxCorrelationId ? 0 : this.#lastCorrelationId + 1
    const pieces = requestFrame(request, correlationId, clientId)
    this.#lastCorrelationId = correlationId
    this.#lastUsedMs = clock.monotonicMs()
    this.#socket.cork()
    for (const piece of pieces) this.#socket.write(piece)
    this.#socket.uncork()
    return correlationId
  }

  #connected(readyEvent: string): Promise<void> {
    const { timers, limits } = this.#settings
    const { connectTimeoutMs } = limits
    return new Promise((resolve, reject) => {
      const deadline = timers.after(connectTimeoutMs, () =>
        this.#fail(new TimeoutError(`${this.address} cannot be reached within ${connectTimeoutMs} ms`)),
      )
      this.#socket.once(readyEvent, () => {
        deadline.cancel()
        resolve()
      })
      this.#socket.once('close', () => {
        deadline.cancel()
        reject(this.#failure)
      })
    })
  }

  /** Closes the connection when it has been of no use for `connectionsMaxIdleMs`; looks again in `delayMs`. */
  #watchIdle(delayMs: number): void {
    const { clock, timers, limits } = this.#settings
    const { connectionsMaxIdleMs } = limits
    if (connectionsMaxIdleMs === Number.POSITIVE_INFINITY || this.#failure !== undefined) return
    this.#idleTimer = timers.after(delayMs, () => {
      const isWaiting = this.inFlightCount > 0
      const sinceMs = isWaiting ? clock.monotonicMs() : this.#lastUsedMs
      const leftMs = sinceMs + connectionsMaxIdleMs - clock.monotonicMs()
      if (leftMs > 0) this.#watchIdle(leftMs)
      else this.#fail(new ConnectionError(this.address, 'the connection was closed, for nobody used it'))
    })
  }

  #onData(chunk: Buffer): void {
    if (this.#failure !== undefined) return
    this.#lastUsedMs = this.#settings.clock.monotonicMs()
    try {
      this.#assembler.push(chunk)
      for (let frame = this.#assembler.next(); frame !== undefined; frame = this.#assembler.next())
        this.#pending.answer(frame, this.address)
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error
      this.#fail(error)
    }
  }

  #acceptSize(sizeBytes: number): void {
    const { maxResponseBytes } = this.#settings.limits
    if (sizeBytes > 0 && sizeBytes <= maxResponseBytes) return
    const rule = sizeBytes > 0 ? `more than maxResponseBytes = ${maxResponseBytes}` : 'which none has'
    throw new ConnectionError(
      this.address,
      `announced a response of ${sizeBytes} bytes, ${rule}: is this a Kafka broker?`,
    )
  }

  #onTimeout(correlationId: number, requestName: string, delayMs: number): void {
    const name = requestName.replace(/Request$/, '')
    const error = new TimeoutError(`${this.address} did not answer ${name} within ${delayMs} ms`)
    const others = new ConnectionError(
      this.address,
      'the connection was given up for an answer that never came',
    )
    this.#fail(others, { correlationId, error })
  }

  #closedByBroker(): ConnectionError {
    return new ConnectionError(this.address, 'the broker closed the connection')
  }

  /** Ends the connection. Of several reasons the first counts. */
  #fail(error: Error, exception?: { readonly correlationId: number; readonly error: Error }): void {
    if (this.#failure !== undefined) return
    this.#failure = error
    this.#idleTimer?.cancel()
    this.#socket.destroy()
    this.#pending.rejectAll(error, exception)
    this.#queue.abandon()
  }
}

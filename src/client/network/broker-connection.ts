import { connect, type Socket } from 'node:net'
import { ClosedError, ConnectionError, TimeoutError } from '../../base/errors.ts'
import { systemErrorCode } from '../../env/system-error.ts'
import type { Timers } from '../../env/timers.ts'
import { FrameAssembler } from '../../wire/frame-assembler.ts'
import { readResponseHeader, writeRequestHeader } from '../../wire/header-codec.ts'
import { apiVersionsRequest } from '../../wire/messages/18-api-versions.ts'
import { negotiate } from './api-versions.ts'
import { type BrokerAddress, formatAddress } from './broker-address.ts'
import type { ClientLimits } from '../cluster/client-options.ts'
import { PendingRequests } from './pending-requests.ts'
import { commonVersion, nameOf, type Rpc, type ServedVersions } from './rpc.ts'
import type { BrokerLink, CallInput, CallOptions } from './transport.ts'

/** What connections share. */
export interface ConnectionSettings {
  readonly timers: Timers
  /** What the client calls itself in each request. */
  readonly clientId: string
  /** What it is, told once (KIP-511). */
  readonly software: { readonly name: string; readonly version: string }
  readonly limits: Pick<ClientLimits, 'connectTimeoutMs' | 'requestTimeoutMs' | 'maxResponseBytes'>
}

/** A request as it is sent. */
interface Outgoing {
  readonly name: string
  readonly apiKey: number
  readonly apiVersion: number
  readonly isFlexible: boolean
  readonly body: readonly Buffer[]
}

const maxCorrelationId = 2 ** 31 - 1
const sizePrefixBytes = 4

/**
 * A TCP connection to one broker. Requests are pipelined: each goes out at once, and answers come in their order.
 *
 * Whatever goes wrong on the connection ends it, and all that waits is told: after a late answer, or bytes that are none,
 * there is no telling what belongs to what.
 */
export class BrokerConnection implements BrokerLink {
  readonly address: string
  readonly #socket: Socket
  readonly #settings: ConnectionSettings
  readonly #pending = new PendingRequests()
  readonly #assembler: FrameAssembler
  #served: ServedVersions = new Map()
  #lastCorrelationId = -1
  #failure: Error | undefined

  private constructor(address: string, socket: Socket, settings: ConnectionSettings) {
    this.address = address
    this.#socket = socket
    this.#settings = settings
    this.#assembler = new FrameAssembler({
      accept: (sizeBytes) => this.#acceptSize(sizeBytes),
      take: () => true,
    })
    socket.on('data', (chunk: Buffer) => this.#onData(chunk))
    socket.on('error', (error) => this.#fail(connectionError(address, error)))
    for (const event of ['end', 'close'])
      socket.on(event, () => this.#fail(new ConnectionError(address, 'the broker closed the connection')))
  }

  /**
   * Connects, and asks the broker what it serves.
   *
   * @throws ConnectionError, TimeoutError, UnsupportedVersionError, or the reason of `signal`
   */
  static async open(
    where: BrokerAddress,
    settings: ConnectionSettings,
    signal?: AbortSignal,
  ): Promise<BrokerConnection> {
    signal?.throwIfAborted()
    const address = formatAddress(where)
    const socket = connect({ ...where, noDelay: true })
    const connection = new BrokerConnection(address, socket, settings)
    const onAbort = () => connection.#fail(signal?.reason)
    signal?.addEventListener('abort', onAbort, { once: true })
    try {
      await connection.#connected()
      const options = signal === undefined ? {} : { signal }
      connection.#served = await negotiate(
        (version, body) => connection.#askVersions(version, body, options),
        settings.software,
      )
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
    return this.#pending.count
  }

  get served(): ServedVersions {
    return this.#served
  }

  async call<Input, Value>(
    api: Rpc<Input, Value>,
    input: CallInput<Input>,
    options: CallOptions = {},
  ): Promise<Value> {
    const { request, response } = api
    const apiVersion = commonVersion(api, this.#served, this.address)
    const message = typeof input === 'function' ? (input as (version: number) => Input)(apiVersion) : input
    const body = request.at(apiVersion).encodeChunks(message)
    const isFlexible = request.isFlexible(apiVersion)
    const frame = await this.#exchange(
      { name: nameOf(api), apiKey: request.apiKey, apiVersion, isFlexible, body },
      options,
    )
    const { bodyPosition } = readResponseHeader(frame, isFlexible)
    return response.at(apiVersion).decode(frame, bodyPosition)
  }

  close(): void {
    this.#fail(new ClosedError(`the connection to ${this.address} is closed`))
  }

  async #askVersions(apiVersion: number, body: Buffer, options: CallOptions) {
    const { apiKey } = apiVersionsRequest
    const isFlexible = apiVersionsRequest.isFlexible(apiVersion)
    const outgoing = { name: 'ApiVersions', apiKey, apiVersion, isFlexible, body: [body] }
    const frame = await this.#exchange(outgoing, options)
    // Its response header never has tags: who asks does not know yet what the broker understands.
    return { frame, bodyPosition: readResponseHeader(frame, false).bodyPosition }
  }

  /** Sends a request and resolves to the frame that answers it. */
  #exchange(outgoing: Outgoing, { signal, timeoutMs }: CallOptions): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted()
      if (this.#failure !== undefined) throw this.#failure
      // Who gives up waits no more, but the answer still has to come, and in its turn.
      const onAbort = () => reject(signal?.reason)
      const settled = () => signal?.removeEventListener('abort', onAbort)
      signal?.addEventListener('abort', onAbort, { once: true })
      const correlationId = this.#nextCorrelationId()
      const delayMs = timeoutMs ?? this.#settings.limits.requestTimeoutMs
      this.#pending.add({
        correlationId,
        deadline: this.#settings.timers.after(delayMs, () =>
          this.#onTimeout(correlationId, outgoing.name, delayMs),
        ),
        resolve: (frame) => (settled(), resolve(frame)),
        reject: (error) => (settled(), reject(error)),
      })
      this.#write(outgoing, correlationId)
    })
  }

  #write({ apiKey, apiVersion, isFlexible, body }: Outgoing, correlationId: number): void {
    const { clientId } = this.#settings
    const header = writeRequestHeader({ apiKey, apiVersion, correlationId, clientId }, isFlexible)
    const size = Buffer.allocUnsafe(sizePrefixBytes)
    size.writeInt32BE(body.reduce((bytes, { length }) => bytes + length, header.length))
    this.#socket.cork()
    for (const piece of [size, header, ...body]) this.#socket.write(piece)
    this.#socket.uncork()
  }

  #nextCorrelationId(): number {
    this.#lastCorrelationId = this.#lastCorrelationId === maxCorrelationId ? 0 : this.#lastCorrelationId + 1
    return this.#lastCorrelationId
  }

  #connected(): Promise<void> {
    const { timers, limits } = this.#settings
    const { connectTimeoutMs } = limits
    return new Promise((resolve, reject) => {
      const deadline = timers.after(connectTimeoutMs, () =>
        this.#fail(new TimeoutError(`${this.address} cannot be reached within ${connectTimeoutMs} ms`)),
      )
      this.#socket.once('connect', () => {
        deadline.cancel()
        resolve()
      })
      this.#socket.once('close', () => {
        deadline.cancel()
        reject(this.#failure)
      })
    })
  }

  #onData(chunk: Buffer): void {
    if (this.#failure !== undefined) return
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

  #onTimeout(correlationId: number, name: string, delayMs: number): void {
    const error = new TimeoutError(`${this.address} did not answer ${name} within ${delayMs} ms`)
    const others = new ConnectionError(
      this.address,
      'the connection was given up for an answer that never came',
    )
    this.#fail(others, { correlationId, error })
  }

  /** Ends the connection. Of several reasons the first counts. */
  #fail(error: Error, exception?: { readonly correlationId: number; readonly error: Error }): void {
    if (this.#failure !== undefined) return
    this.#failure = error
    this.#socket.destroy()
    this.#pending.rejectAll(error, exception)
  }
}

const plainReasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'there is no host of that name',
  EAI_AGAIN: 'the name of the host cannot be looked up',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network of the host cannot be reached',
  ETIMEDOUT: 'the host does not answer',
  ECONNRESET: 'the broker broke the connection off',
  EPIPE: 'the broker broke the connection off',
}

function connectionError(address: string, cause: Error): ConnectionError {
  const code = systemErrorCode(cause)
  const reason = code === undefined ? cause.message : `${plainReasons[code] ?? cause.message} (${code})`
  return new ConnectionError(address, reason, { cause })
}

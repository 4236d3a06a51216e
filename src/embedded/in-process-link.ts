import { assert } from '../base/assert.ts'
import { ClosedError, ConnectionError, TimeoutError } from '../base/errors.ts'
import type { Broker } from '../broker/broker.ts'
import type { Handler } from '../broker/handler.ts'
import { commonVersion, nameOf, type Rpc, type ServedVersions } from '../client/network/rpc.ts'
import type { BrokerLink, CallInput, CallOptions } from '../client/network/transport.ts'
import { keepAlive } from '../env/keep-alive.ts'
import type { Timer, Timers } from '../env/timers.ts'
import { errorCodes } from '../wire/error-codes.ts'
import { errorAtTop } from '../wire/error-response.ts'
import type { FrameMemory } from '../wire/frame-memory.ts'
import { KafkaError } from '../wire/kafka-error.ts'
import { CallLine } from './call-line.ts'

/** What the links to a broker share. */
export interface LinkSettings {
  readonly broker: Broker
  readonly timers: Timers
  readonly clientId: string
  readonly requestTimeoutMs: number
  /** For record batches on their way into the log, which writes offsets into them. */
  readonly memory: FrameMemory
  /** Told of what a handler should not have thrown. */
  readonly onFailure: (message: string, error: unknown) => void
}

/** The listener by which calls come in; no broker has one of that name, so addresses are told as the first has them. */
const listenerName = 'in-process'

/** A call as the broker gets it. */
interface Call {
  readonly name: string
  readonly apiVersion: number
  readonly handler: Handler
  readonly request: unknown
  /** The response as decoding would yield it. */
  readonly completed: (response: never) => unknown
  readonly failed: (errorCode: number) => object | undefined
  /** Called when the broker has nothing to do with the request any more. */
  readonly release: () => void
}

/** Who waits for an answer. */
interface Waiter {
  readonly deadline: Timer
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

/**
 * A broker of this process, asked without a socket: its handlers are called with what decoding would yield. To the
 * client there is no difference: order, versions, deadlines and errors are those of a connection, and what ends a
 * connection ends the link.
 */
export class InProcessLink implements BrokerLink {
  readonly address: string
  readonly served: ServedVersions
  readonly #settings: LinkSettings
  readonly #line: CallLine
  readonly #waiters = new Set<Waiter>()
  readonly #ending = new AbortController()
  readonly #alive = keepAlive()
  #failure: Error | undefined

  constructor(address: string, settings: LinkSettings) {
    this.address = address
    this.served = settings.broker.handlers
    this.#settings = settings
    this.#line = new CallLine(settings.broker.env.clock)
  }

  get isOpen(): boolean {
    return this.#failure === undefined
  }

  get inFlightCount(): number {
    return this.#line.count
  }

  async call<Input, Value>(
    api: Rpc<Input, Value>,
    input: CallInput<Input>,
    options: CallOptions = {},
  ): Promise<Value> {
    const value = await this.#exchange(this.#callOf(api, input), options, false)
    assert(value !== undefined, `${nameOf(api)} that wants no answer is told, not called`)
    return value as Value
  }

  /** Resolves once the broker is done with it: nothing lies between the two that could take it up meanwhile. */
  async tell<Input>(api: Rpc<Input, unknown>, input: CallInput<Input>): Promise<void> {
    await this.#exchange(this.#callOf(api, input), {}, true)
  }

  close(): void {
    this.#fail(new ClosedError(`the link to ${this.address} is closed`))
  }

  #callOf<Input, Value>(api: Rpc<Input, Value>, input: CallInput<Input>): Call {
    const { broker, memory } = this.#settings
    const apiVersion = commonVersion(api, this.served, this.address)
    const message = typeof input === 'function' ? (input as (version: number) => Input)(apiVersion) : input
    const handler = broker.handlers.get(api.request.apiKey)
    assert(handler !== undefined, 'what is served has a handler')
    const copies: Buffer[] = []
    const request = api.request.at(apiVersion).complete(message, (records) => {
      const copy = memory.take(records.length)
      records.copy(copy)
      copies.push(copy)
      return copy
    })
    return {
      ...{ name: nameOf(api), apiVersion, handler, request },
      completed: (response) => api.response.at(apiVersion).complete(response),
      failed: (errorCode) => errorAtTop(api.response, errorCode),
      release: () => {
        if (handler.letsGo) for (const copy of copies) memory.giveBack(copy)
      },
    }
  }

  #exchange(call: Call, { signal, timeoutMs }: CallOptions, isTold: boolean): Promise<unknown> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted()
      if (this.#failure !== undefined) throw this.#failure
      // Who gives up waits no more, but the call is done all the same, and those behind it wait for it.
      const onAbort = () => reject(signal?.reason)
      const settled = () => signal?.removeEventListener('abort', onAbort)
      signal?.addEventListener('abort', onAbort, { once: true })
      const waiter: Waiter = {
        deadline: this.#deadline(call.name, timeoutMs, reject),
        resolve: (value) => (settled(), resolve(value)),
        reject: (error) => (settled(), reject(error)),
      }
      this.#waiters.add(waiter)
      const start = async () => {
        const answer = await this.#handle(call)
        return () => this.#settle(waiter, answer, isTold)
      }
      this.#line.enter({ overlaps: call.handler.overlaps, start })
    })
  }

  /** What the handler answers; a ConnectionError where a broker would end the connection. */
  async #handle({ handler, request, apiVersion, completed, release, ...call }: Call): Promise<unknown> {
    const { broker, clientId } = this.#settings
    const { signal } = this.#ending
    const context = { apiVersion, clientId, clientAddress: '127.0.0.1', listenerName, signal }
    try {
      const response = await handler.handle(broker, request, context)
      return response === undefined ? undefined : completed(response as never)
    } catch (error) {
      return this.#answerTo(error, call)
    } finally {
      release()
    }
  }

  #answerTo(error: unknown, { name, failed }: Pick<Call, 'name' | 'failed'>): object {
    if (!(error instanceof KafkaError)) this.#settings.onFailure(`${name} failed`, error)
    const errorCode = error instanceof KafkaError ? error.kafkaCode : errorCodes.UNKNOWN_SERVER_ERROR
    const reason = `${name} failed, and no response says so: ${String(error)}`
    return failed(errorCode) ?? new ConnectionError(this.address, reason, { cause: error })
  }

  #settle(waiter: Waiter, answer: unknown, isTold: boolean): void {
    const isEnd = answer instanceof ConnectionError
    if (!isEnd || isTold) {
      this.#waiters.delete(waiter)
      waiter.deadline.cancel()
      waiter.resolve(answer)
    }
    if (isEnd) this.#fail(answer)
  }

  /** As on a connection, one answer that does not come in time is the end: those behind it wait for it, too. */
  #deadline(name: string, timeoutMs: number | undefined, reject: (error: unknown) => void): Timer {
    const { timers, requestTimeoutMs } = this.#settings
    const delayMs = timeoutMs ?? requestTimeoutMs
    return timers.after(delayMs, () => {
      reject(new TimeoutError(`${this.address} did not answer ${name} within ${delayMs} ms`))
      this.#fail(new ConnectionError(this.address, 'the link was given up for an answer that never came'))
    })
  }

  /** Ends the link. Of several reasons the first counts. */
  #fail(error: Error): void {
    if (this.#failure !== undefined) return
    this.#failure = error
    this.#ending.abort()
    this.#line.clear()
    this.#alive[Symbol.dispose]()
    for (const { deadline, reject } of this.#waiters) {
      deadline.cancel()
      reject(error)
    }
    this.#waiters.clear()
  }
}

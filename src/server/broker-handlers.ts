import type { Broker } from '../broker/broker.ts'
import type { RequestContext } from '../broker/handler.ts'
import type { AnyApiHandler, ApiHandlers, RequestContext as ServerContext } from './api-handler.ts'
import type { ConnectionInfo } from './request-dispatcher.ts'
import type { ResponseBuffers } from './response-buffers.ts'

/**
 * The handlers of `broker`, as a dispatcher calls them: who asks is known from the connection. Records are read to
 * `memory`.
 */
export function brokerHandlers(broker: Broker, memory: ResponseBuffers): ApiHandlers {
  return new Map(
    [...broker.handlers.values()].map((handler): [number, AnyApiHandler] => [
      handler.apiKey,
      {
        minVersion: handler.minVersion,
        maxVersion: handler.maxVersion,
        overlaps: handler.overlaps,
        letsGo: handler.letsGo,
        handle: (request, context) => handler.handle(broker, request, new ServedContext(context, memory)),
      },
    ]),
  )
}

/** Its signal is asked for by those alone who wait. */
class ServedContext implements RequestContext {
  readonly apiVersion: number
  readonly clientId: string | null
  readonly memory: ResponseBuffers
  readonly #connection: ConnectionInfo

  constructor({ apiVersion, clientId, connection }: ServerContext, memory: ResponseBuffers) {
    this.apiVersion = apiVersion
    this.clientId = clientId
    this.memory = memory
    this.#connection = connection
  }

  get clientAddress(): string {
    return this.#connection.remoteAddress
  }

  get listenerName(): string {
    return this.#connection.listenerName
  }

  get signal(): AbortSignal {
    return this.#connection.ending
  }
}

import type { Broker } from '../broker/broker.ts'
import type { AnyApiHandler, ApiHandlers } from './api-handler.ts'

/** The handlers of `broker`, as a dispatcher calls them: who asks is known from the connection. */
export function brokerHandlers(broker: Broker): ApiHandlers {
  return new Map(
    [...broker.handlers.values()].map((handler): [number, AnyApiHandler] => [
      handler.apiKey,
      {
        minVersion: handler.minVersion,
        maxVersion: handler.maxVersion,
        overlaps: handler.overlaps,
        letsGo: handler.letsGo,
        handle: (request, { apiVersion, clientId, connection }) =>
          handler.handle(broker, request, {
            apiVersion,
            clientId,
            clientAddress: connection.remoteAddress,
            listenerName: connection.listenerName,
            signal: connection.ending,
          }),
      },
    ]),
  )
}

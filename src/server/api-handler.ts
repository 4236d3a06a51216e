import type { Message } from '../wire/message.ts'
import type { ConnectionInfo } from './request-dispatcher.ts'

/** What a handler learns of a request beside its body. */
export interface RequestContext {
  readonly connection: ConnectionInfo
  readonly apiKey: number
  readonly apiVersion: number
  readonly correlationId: number
  /** What the client calls itself in this request; `null` if nothing. */
  readonly clientId: string | null
}

/** How an API is served. */
export interface ApiHandler<Request, Response> {
  /**
   * Answers a request; `undefined` where the client wants no response (acks=0). A `KafkaError` that is thrown is an
   * answer too, made by {@link errorResponse}; a `ConnectionEnd` closes the connection; anything else is a bug, is
   * logged, and is answered with UNKNOWN_SERVER_ERROR.
   */
  handle(request: Request, context: RequestContext): Response | undefined | Promise<Response | undefined>
  /**
   * The response that carries `errorCode` for all that was asked; `undefined` closes the connection instead. Default:
   * the response with that `errorCode` at its top and nothing else, where it has one there; else `undefined`.
   */
  errorResponse?(request: Request, errorCode: number): Response | undefined
  /**
   * The request takes effect within the call of `handle` and then merely waits: the connection's next one may be
   * handled meanwhile. Responses keep their order. Default false.
   */
  readonly overlaps?: boolean
  /** Nothing of the request, and no slice of its bytes, is kept once it is answered. Default false. */
  readonly letsGo?: boolean
  /** First version served. Default: the first there is. */
  readonly minVersion?: number
  /** Last version served. Default: the last stable one. */
  readonly maxVersion?: number
}

/** A handler whose types have been checked against its messages and are not known any more. */
export type AnyApiHandler = ApiHandler<never, unknown>

/** Handlers by API key. */
export type ApiHandlers = ReadonlyMap<number, AnyApiHandler>

/**
 * An entry of {@link ApiHandlers}, with the types of the API's messages:
 * `new Map([apiHandler(heartbeatRequest, heartbeatResponse, { handle: (request) => ({ errorCode: 0 }) })])`.
 */
export function apiHandler<Request, Response>(
  request: Message<Request, never>,
  _response: Message<unknown, Response>,
  handler: ApiHandler<Request, Response>,
): readonly [number, AnyApiHandler] {
  return [request.apiKey, handler]
}

import type { ReadMemory } from '../log/log-reader.ts'
import type { Message } from '../wire/message.ts'
import type { Broker } from './broker.ts'

/** Who asks, and how. */
export interface RequestContext {
  readonly apiVersion: number
  /** What the client calls itself. */
  readonly clientId: string | null
  /** The client's address; an embedded client has none and is `127.0.0.1`. */
  readonly clientAddress: string
  /** The listener that the request came in by: the addresses of brokers are told as that listener has them. */
  readonly listenerName: string
  /** Aborted when nobody waits for the answer any more. */
  readonly signal?: AbortSignal
  /** What records for the answer are read to: who sends it gives them back. Default: memory of their own. */
  readonly memory?: ReadMemory
}

/** Answers one API: a decoded request in, a response to be encoded out. Knows no sockets and parses nothing. */
export interface Handler<Request = unknown, Response = unknown> {
  readonly apiKey: number
  /** The versions that are served. */
  readonly minVersion: number
  readonly maxVersion: number
  /**
   * Whether it takes effect, in the order of the calls, before its promise is first waited for: then the next request of
   * the same client may be handled meanwhile.
   */
  readonly overlaps: boolean
  /** Whether nothing of the request, and no slice of its bytes, is kept once its promise has settled. */
  readonly letsGo: boolean
  /**
   * Undefined for a request that asked for no answer. What goes wrong is stated in the response; what is thrown could
   * not be, and ends the connection.
   */
  handle(broker: Broker, request: Request, context: RequestContext): Promise<Response | undefined>
}

/** Declares the handler of an API. `versions` narrows those that are served. */
export function handler<Request, Response>(
  declared: {
    readonly request: Message<Request, never> | Message<Request, unknown>
    readonly response: Message<never, Response> | Message<unknown, Response>
    readonly minVersion?: number
    readonly maxVersion?: number
    readonly overlaps?: boolean
    readonly letsGo?: boolean
  },
  handle: (
    broker: Broker,
    request: Request,
    context: RequestContext,
  ) => Promise<Response | undefined> | Response | undefined,
): Handler<Request, Response> {
  const { request, minVersion = request.minVersion, maxVersion = request.maxVersion } = declared
  return {
    apiKey: request.apiKey,
    minVersion,
    maxVersion,
    overlaps: declared.overlaps ?? false,
    letsGo: declared.letsGo ?? false,
    handle: async (broker, decoded, context) => handle(broker, decoded, context),
  }
}

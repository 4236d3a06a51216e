import { WireError } from '../base/errors.ts'
import type { Clock } from '../env/env.ts'
import { nodeClock } from '../env/node-clock.ts'
import { advertised, type Api, type ApiVersionRange, apiOf } from '../wire/api-keys.ts'
import { errorCodes } from '../wire/error-codes.ts'
import { errorAtTop } from '../wire/error-response.ts'
import { decodeRequestHeader, type DecodedRequestHeader, encodeResponseHeader } from '../wire/headers.ts'
import { KafkaError } from '../wire/kafka-error.ts'
import { apiVersionsRequest } from '../wire/messages/18-api-versions.ts'
import type { AnyApiHandler, ApiHandler, ApiHandlers, RequestContext } from './api-handler.ts'
import { apiVersionsHandler, type ClusterFeatures, unsupportedApiVersions } from './api-versions.ts'
import { channels } from './channels.ts'
import { ConnectionEnd } from './close-reason.ts'
import type { Answer, ConnectionInfo, RequestDispatcher } from './request-dispatcher.ts'
import { LimitedLog, type Logger, silentLogger, stackOf } from './server-log.ts'

/** What an {@link ApiDispatcher} is made of. */
export interface ApiDispatcherOptions {
  /** Only what is in here is served and advertised, and ApiVersions, which is answered without being in here. */
  readonly handlers: ApiHandlers
  /** For the answer to ApiVersions. Default: none. */
  readonly features?: () => ClusterFeatures
  /** Default: silent. */
  readonly logger?: Logger
  /** Default: the computer's. */
  readonly clock?: Clock
}

/** An API with how it is served. The types of its messages were checked where the handler was made. */
interface ServedApi {
  readonly api: Api
  readonly minVersion: number
  readonly maxVersion: number
  readonly handler: ApiHandler<unknown, unknown>
}

/** A request on its way through. */
interface Call {
  readonly served: ServedApi
  readonly context: RequestContext
  readonly request: unknown
  readonly requestBytes: number
  readonly startMs: number
}

/**
 * Joins the protocol with those who handle it: decodes a request, calls the handler of its API, encodes the response.
 * What cannot be answered ends the connection, as it does in Kafka.
 */
export class ApiDispatcher implements RequestDispatcher {
  /** What clients are told that is served, by ascending key. */
  readonly advertised: readonly ApiVersionRange[]
  readonly #served = new Map<number, ServedApi>()
  readonly #log: LimitedLog
  readonly #clock: Clock

  /** Throws RangeError for a handler of an API, or a version, that there is not. */
  constructor({ handlers, features, logger = silentLogger, clock = nodeClock() }: ApiDispatcherOptions) {
    const all = new Map([apiVersionsHandler(() => this.advertised, features), ...handlers])
    const ranges = advertised([...all].map(([apiKey, handler]) => servedRange(apiKey, handler)))
    for (const range of ranges) {
      const handler = all.get(range.apiKey)
      const api = apiOf(range.apiKey)
      if (api && handler) this.#served.set(range.apiKey, { ...range, api, handler })
    }
    this.advertised = ranges
    this.#log = new LimitedLog(logger, clock)
    this.#clock = clock
  }

  overlaps(frame: Buffer): boolean {
    return this.#handlerOf(frame)?.overlaps === true
  }

  letsGo(frame: Buffer): boolean {
    return this.#handlerOf(frame)?.letsGo === true
  }

  #handlerOf(frame: Buffer): ApiHandler<unknown, unknown> | undefined {
    return frame.length < 2 ? undefined : this.#served.get(frame.readInt16BE(0))?.handler
  }

  dispatch(frame: Buffer, connection: ConnectionInfo): Answer | Promise<Answer> {
    const startMs = this.#clock.monotonicMs()
    const header = headerOf(frame)
    const { apiKey, apiVersion, correlationId, clientId } = header
    if (clientId !== null) connection.clientId = clientId
    const served = this.#served.get(apiKey)
    if (served === undefined || apiVersion < served.minVersion || apiVersion > served.maxVersion)
      return this.#answerUnserved(header)
    const context = { connection, apiKey, apiVersion, correlationId, clientId }
    const request = bodyOf(frame, served.api, header)
    return this.#call({ served, context, request, requestBytes: frame.length, startMs })
  }

  #answerUnserved({ apiKey, apiVersion, correlationId }: DecodedRequestHeader): Answer {
    if (apiKey === apiVersionsRequest.apiKey)
      return [encodeResponseHeader(apiKey, 0, correlationId), unsupportedApiVersions(this.advertised)]
    const name = apiOf(apiKey)?.name ?? `API ${apiKey}`
    throw new ConnectionEnd('unsupported-request', `${name} version ${apiVersion} is not served here`)
  }

  #call(call: Call): Answer | Promise<Answer> {
    try {
      const response = call.served.handler.handle(call.request, call.context)
      if (!(response instanceof Promise)) return this.#respond(call, response)
      return response
        .then((answer) => this.#respond(call, answer))
        .catch((error: unknown) => this.#respondToError(call, error))
    } catch (error) {
      return this.#respondToError(call, error)
    }
  }

  #respond(call: Call, response: unknown, error?: unknown): Answer {
    const answer = response === undefined ? undefined : encodeResponse(call, response)
    if (channels.request.hasSubscribers) this.#publish(call, answer, error)
    return answer
  }

  #respondToError(call: Call, error: unknown): Answer {
    if (error instanceof ConnectionEnd) throw error
    const { api } = call.served
    if (!(error instanceof KafkaError))
      this.#log.error(`handler of ${api.name}`, `${api.name} failed: ${stackOf(error)}`)
    const errorCode = error instanceof KafkaError ? error.kafkaCode : errorCodes.UNKNOWN_SERVER_ERROR
    const response = errorResponse(call, errorCode)
    if (response !== undefined) return this.#respond(call, response, error)
    throw new ConnectionEnd(
      'handler-failed',
      `${api.name} failed, and no response says so: ${stackOf(error)}`,
    )
  }

  #publish({ context, requestBytes, startMs }: Call, answer: Answer, error: unknown): void {
    const responseBytes = answer?.reduce((bytes, { length }) => bytes + length, 0) ?? 0
    const elapsedMs = this.#clock.monotonicMs() - startMs
    const { apiKey, apiVersion, connection } = context
    channels.request.publish({
      apiKey,
      apiVersion,
      connection,
      requestBytes,
      responseBytes,
      elapsedMs,
      error,
    })
  }
}

function servedRange(apiKey: number, { minVersion, maxVersion }: AnyApiHandler) {
  return {
    apiKey,
    ...(minVersion === undefined ? {} : { minVersion }),
    ...(maxVersion === undefined ? {} : { maxVersion }),
  }
}

function headerOf(frame: Buffer): DecodedRequestHeader {
  const apiKey = frame.length < 2 ? undefined : frame.readInt16BE(0)
  // Without the API there is no telling which header it is.
  if (apiKey !== undefined && apiOf(apiKey) === undefined)
    throw new ConnectionEnd('unsupported-request', `there is no API with the key ${apiKey}`)
  return orMalformed(() => decodeRequestHeader(frame))
}

function bodyOf(
  frame: Buffer,
  { request }: Api,
  { apiVersion, bodyPosition }: DecodedRequestHeader,
): unknown {
  return orMalformed(() => request.at(apiVersion).decode(frame, bodyPosition))
}

function orMalformed<T>(decode: () => T): T {
  try {
    return decode()
  } catch (error) {
    throw error instanceof WireError ? new ConnectionEnd('malformed-request', error.message) : error
  }
}

function encodeResponse({ served, context }: Call, response: unknown): Answer {
  const { apiKey, apiVersion, correlationId } = context
  const header = encodeResponseHeader(apiKey, apiVersion, correlationId)
  // The handler was made with the types of this very message.
  return [header, ...served.api.response.at(apiVersion).encodeChunks(response as never)]
}

function errorResponse({ served, request }: Call, errorCode: number): unknown {
  const { handler, api } = served
  return handler.errorResponse === undefined
    ? errorAtTop(api.response, errorCode)
    : handler.errorResponse(request, errorCode)
}

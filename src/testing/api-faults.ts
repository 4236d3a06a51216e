import { assert } from '../base/assert.ts'
import { nearestName } from '../base/nearest-name.ts'
import type { Clock } from '../env/env.ts'
import { ConnectionEnd } from '../server/close-reason.ts'
import type { Answer, ConnectionInfo, RequestDispatcher } from '../server/request-dispatcher.ts'
import { type Api, apiKeys, apiOf } from '../wire/api-keys.ts'
import { type ErrorName, errorCodes } from '../wire/error-codes.ts'
import { decodeRequestHeader, encodeResponseHeader } from '../wire/headers.ts'
import { produceRequest } from '../wire/messages/00-produce.ts'
import { metadataRequest, metadataResponse } from '../wire/messages/03-metadata.ts'
import { canFail, errorResponse, failingApis } from './error-responses.ts'

/** Something that is to go wrong once. */
export interface InjectedFault {
  /** Whether a request has met with it. */
  readonly isUsed: boolean
  /** Resolves when a request meets with it. */
  readonly used: Promise<void>
  /** Takes it back, unless a request has met with it. */
  cancel(): void
}

/** What becomes of a request. */
type Strike = (frame: Buffer, connection: ConnectionInfo) => Answer | Promise<Answer>

/**
 * Stands between the connections and those who answer, and lets single requests go wrong. Each fault is for the next
 * request of its API, whoever sends it; several for one API are met with in the order in which they were asked for.
 */
export class ApiFaults implements RequestDispatcher {
  #answering: RequestDispatcher | undefined
  readonly #clock: Clock
  /** By API key, the first to be met with in front. */
  readonly #waiting = new Map<number, WaitingFault[]>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Takes its place in front of `dispatcher`. */
  before(dispatcher: RequestDispatcher): this {
    this.#answering = dispatcher
    return this
  }

  dispatch(frame: Buffer, connection: ConnectionInfo): Answer | Promise<Answer> {
    const fault = this.#waitingFor(frame)?.shift()
    return fault === undefined ? this.#behind.dispatch(frame, connection) : fault.strike(frame, connection)
  }

  /** One that is held back keeps its place: the ones behind it wait. */
  overlaps(frame: Buffer): boolean {
    const isFree = (this.#waitingFor(frame)?.length ?? 0) === 0
    return isFree && (this.#behind.overlaps?.(frame) ?? false)
  }

  /** See `TestCluster.failNext`. */
  failNext(name: string | number, error: ErrorName): InjectedFault {
    const api = apiNamed(name)
    const errorCode = errorCodes[error]
    if (errorCode === undefined)
      throw new TypeError(`there is no error ${error}${meant(error, Object.keys(errorCodes))}`)
    if (api.key === metadataRequest.apiKey)
      return this.#arm(api, (frame, connection) => this.#failMetadata(frame, connection, errorCode))
    if (!canFail(api))
      throw new TypeError(
        `no response of ${api.name} is known that says ${error}: use disconnectNext, or one of ${failingApis.join(', ')}`,
      )
    return this.#arm(api, (frame) => failed(api, frame, errorCode))
  }

  /** See `TestCluster.delayNext`. */
  delayNext(name: string | number, delayMs: number): InjectedFault {
    if (!(delayMs >= 0)) throw new RangeError(`a delay is 0 ms or more, not ${delayMs}`)
    return this.#arm(apiNamed(name), async (frame, connection) => {
      try {
        await this.#clock.sleep(delayMs, connection.ending)
      } catch {
        throw new ConnectionEnd('shutdown', 'the connection ended while its request was held back')
      }
      return this.#behind.dispatch(frame, connection)
    })
  }

  /** See `TestCluster.dropNextResponse`. */
  dropNextResponse(name: string | number): InjectedFault {
    return this.#arm(apiNamed(name), async (frame, connection) => {
      await this.#behind.dispatch(frame, connection)
      return undefined
    })
  }

  /** See `TestCluster.disconnectNext`. */
  disconnectNext(name: string | number): InjectedFault {
    const api = apiNamed(name)
    return this.#arm(api, () => {
      throw new ConnectionEnd('shutdown', `the test wants ${api.name} to end its connection`)
    })
  }

  get #behind(): RequestDispatcher {
    assert(this.#answering !== undefined, 'requests come once there is somebody who answers them')
    return this.#answering
  }

  #arm({ key }: Api, strike: Strike): InjectedFault {
    const waiting = this.#waiting.get(key) ?? []
    this.#waiting.set(key, waiting)
    const fault = new WaitingFault(strike, () => {
      const place = waiting.indexOf(fault)
      if (place >= 0) waiting.splice(place, 1)
    })
    waiting.push(fault)
    return fault
  }

  #waitingFor(frame: Buffer): WaitingFault[] | undefined {
    return frame.length < 2 ? undefined : this.#waiting.get(frame.readInt16BE(0))
  }

  /** The brokers have to be told even so, or the client has nobody left to ask: the true answer is changed. */
  async #failMetadata(frame: Buffer, connection: ConnectionInfo, errorCode: number): Promise<Answer> {
    const { apiVersion } = decodeRequestHeader(frame)
    const [header, ...body] = (await this.#behind.dispatch(frame, connection)) ?? []
    if (header === undefined) return undefined
    const codec = metadataResponse.at(apiVersion)
    const response = codec.decode(Buffer.concat(body))
    const topics = response.topics.map((topic) => ({ ...topic, errorCode, partitions: [] }))
    return [header, codec.encode({ ...response, topics })]
  }
}

class WaitingFault implements InjectedFault {
  readonly used: Promise<void>
  readonly cancel: () => void
  readonly #strike: Strike
  #resolveUsed!: () => void
  #isUsed = false

  constructor(strike: Strike, cancel: () => void) {
    this.#strike = strike
    this.cancel = cancel
    this.used = new Promise((resolve) => {
      this.#resolveUsed = resolve
    })
  }

  get isUsed(): boolean {
    return this.#isUsed
  }

  strike(frame: Buffer, connection: ConnectionInfo): Answer | Promise<Answer> {
    this.#isUsed = true
    this.#resolveUsed()
    return this.#strike(frame, connection)
  }
}

function failed(api: Api, frame: Buffer, errorCode: number): Answer {
  const { apiVersion, correlationId, bodyPosition } = decodeRequestHeader(frame)
  const request = api.request.at(apiVersion).decode(frame, bodyPosition)
  if (api.key === produceRequest.apiKey && isSilent(request))
    throw new ConnectionEnd('no-acknowledgement', 'a produce request with acks=0 is to fail')
  const response = errorResponse(api, request, errorCode, apiVersion)
  const header = encodeResponseHeader(api.key, apiVersion, correlationId)
  // It was made for this very message.
  return [header, api.response.at(apiVersion).encode(response as never)]
}

/** Nobody waits for an answer to it. */
function isSilent(request: unknown): boolean {
  return typeof request === 'object' && request !== null && 'acks' in request && request.acks === 0
}

function apiNamed(name: string | number): Api {
  const found =
    typeof name === 'number'
      ? apiOf(name)
      : apiKeys.find((api) => api.name.toLowerCase() === name.toLowerCase())
  if (found !== undefined) return found
  const names = apiKeys.map((api) => api.name)
  throw new TypeError(`there is no API ${name}${typeof name === 'number' ? '' : meant(name, names)}`)
}

function meant(name: string, candidates: readonly string[]): string {
  const nearest = nearestName(name, candidates)
  return nearest === undefined ? '' : `: did you mean ${nearest}?`
}

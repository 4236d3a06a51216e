import { describe, expect, test } from 'vitest'
import { type AnyApiHandler, apiHandler } from '../../../src/server/api-handler.ts'
import { channels, type RequestEvent } from '../../../src/server/channels.ts'
import { type CloseReason, ConnectionEnd } from '../../../src/server/close-reason.ts'
import { ApiDispatcher } from '../../../src/server/dispatch.ts'
import type { Answer, ConnectionInfo } from '../../../src/server/request-dispatcher.ts'
import { errorCodes } from '../../../src/wire/error-codes.ts'
import { decodeResponseHeader, encodeRequestHeader } from '../../../src/wire/headers.ts'
import { KafkaError } from '../../../src/wire/kafka-error.ts'
import type { Message } from '../../../src/wire/message.ts'
import { produceRequest, produceResponse } from '../../../src/wire/messages/00-produce.ts'
import { metadataRequest, metadataResponse } from '../../../src/wire/messages/03-metadata.ts'
import { heartbeatRequest, heartbeatResponse } from '../../../src/wire/messages/12-heartbeat.ts'
import { apiVersionsRequest, apiVersionsResponse } from '../../../src/wire/messages/18-api-versions.ts'
import { ManualClock } from '../../../src/testing/manual-clock.ts'

const heartbeat = { groupId: 'g', generationId: 1, memberId: 'm' }

function connectionInfo(): ConnectionInfo {
  return {
    id: 1,
    remoteAddress: '127.0.0.1',
    remotePort: 1,
    listenerName: 'PLAINTEXT',
    clientId: undefined,
    clientSoftwareName: undefined,
    clientSoftwareVersion: undefined,
    isAuthenticated: true,
    ending: new AbortController().signal,
  }
}

function requestFrame<Input>(
  message: Message<unknown, Input>,
  apiVersion: number,
  body: Input,
  clientId = 'client',
) {
  const header = { apiKey: message.apiKey, apiVersion, correlationId: 77, clientId }
  return Buffer.concat([encodeRequestHeader(header), message.at(apiVersion).encode(body)])
}

/** The decoded response; its header must carry the request's number. */
function decoded<Value>(answer: Answer, message: Message<Value, never>, apiVersion: number): Value {
  if (answer === undefined) throw new Error('there is no response')
  const bytes = Buffer.concat(answer)
  const { correlationId, bodyPosition } = decodeResponseHeader(bytes, message.apiKey, apiVersion)
  expect(correlationId).toBe(77)
  return message.at(apiVersion).decode(bytes, bodyPosition)
}

function dispatcherOf(...handlers: (readonly [number, AnyApiHandler])[]) {
  const lines: string[] = []
  const write = (line: string) => void lines.push(line)
  const logger = { info: write, warn: write, error: write }
  return {
    lines,
    dispatcher: new ApiDispatcher({ handlers: new Map(handlers), logger, clock: new ManualClock() }),
  }
}

async function endOf(action: () => unknown): Promise<ConnectionEnd> {
  const error = await (async () => action())().then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (error instanceof ConnectionEnd) return error
  throw new Error(`the connection goes on: ${String(error)}`)
}

const answering = apiHandler(heartbeatRequest, heartbeatResponse, { handle: () => ({ errorCode: 27 }) })

describe('a request', () => {
  test.each([0, 3, 4])('goes to the handler of its API, and the answer back: version %d', async (version) => {
    const seen: unknown[] = []
    const handler = apiHandler(heartbeatRequest, heartbeatResponse, {
      async handle(request, { apiVersion, clientId, correlationId }) {
        seen.push(request, { apiVersion, clientId, correlationId })
        return { errorCode: errorCodes.REBALANCE_IN_PROGRESS, throttleTimeMs: 5 }
      },
    })
    const { dispatcher } = dispatcherOf(handler)
    const connection = connectionInfo()
    const answer = await dispatcher.dispatch(requestFrame(heartbeatRequest, version, heartbeat), connection)
    expect(decoded(answer, heartbeatResponse, version)).toMatchObject({ errorCode: 27 })
    expect(seen).toEqual([
      { ...heartbeat, groupInstanceId: null },
      { apiVersion: version, clientId: 'client', correlationId: 77 },
    ])
    expect(connection.clientId).toBe('client')
  })

  test('is answered at once by a handler that does so', () => {
    const answer = dispatcherOf(answering).dispatcher.dispatch(
      requestFrame(heartbeatRequest, 4, heartbeat),
      connectionInfo(),
    )
    expect(answer).toBeInstanceOf(Array)
  })

  test('may get no response', async () => {
    const { dispatcher } = dispatcherOf(
      apiHandler(produceRequest, produceResponse, { handle: async () => undefined }),
    )
    const request = requestFrame(produceRequest, 9, {
      transactionalId: null,
      acks: 0,
      timeoutMs: 1,
      topicData: [],
    })
    expect(await dispatcher.dispatch(request, connectionInfo())).toBeUndefined()
  })

  test('lets others pass if its handler says so', () => {
    const overlapping = apiHandler(produceRequest, produceResponse, {
      handle: () => undefined,
      overlaps: true,
    })
    const { dispatcher } = dispatcherOf(answering, overlapping)
    const frames = [Buffer.from([0, 0]), Buffer.from([0, 12]), Buffer.from([0, 99]), Buffer.from([0])]
    expect(frames.map((each) => dispatcher.overlaps(each))).toEqual([true, false, false, false])
  })

  test('is told to whoever listens', async () => {
    const clock = new ManualClock()
    const handler = apiHandler(heartbeatRequest, heartbeatResponse, {
      handle() {
        clock.advance(250)
        return { errorCode: 0 }
      },
    })
    const dispatcher = new ApiDispatcher({ handlers: new Map([handler]), clock })
    const events: unknown[] = []
    const note = (event: unknown) => void events.push(event)
    const connection = connectionInfo()
    const request = requestFrame(heartbeatRequest, 4, heartbeat)
    channels.request.subscribe(note)
    const answer = await dispatcher.dispatch(request, connection)
    channels.request.unsubscribe(note)
    const expected: RequestEvent = {
      apiKey: 12,
      apiVersion: 4,
      connection,
      requestBytes: request.length,
      responseBytes: Buffer.concat(answer ?? []).length,
      elapsedMs: 250,
      error: undefined,
    }
    expect(events).toEqual([expected])
  })
})

describe('a connection is ended by', () => {
  const otherVersions = apiHandler(heartbeatRequest, heartbeatResponse, {
    handle: () => ({ errorCode: 0 }),
    minVersion: 2,
    maxVersion: 3,
  })
  const body = requestFrame(heartbeatRequest, 4, heartbeat)
  const cases: [string, Buffer, CloseReason, RegExp][] = [
    [
      'an API that has no handler',
      requestFrame(metadataRequest, 12, { topics: null }),
      'unsupported-request',
      /^Metadata version 12/,
    ],
    [
      'a number that is no API',
      Buffer.from([3, 0, 0, 0, 0, 0, 0, 1, 255, 255]),
      'unsupported-request',
      /key 768/,
    ],
    [
      'a version below those served',
      requestFrame(heartbeatRequest, 1, heartbeat),
      'unsupported-request',
      /^Heartbeat version 1/,
    ],
    ['a version above', body, 'unsupported-request', /^Heartbeat version 4/],
    ['one byte', Buffer.from([0]), 'malformed-request', /RequestHeader/],
    ['half a header', body.subarray(0, 9), 'malformed-request', /RequestHeader/],
    [
      'half a body',
      requestFrame(heartbeatRequest, 3, heartbeat).subarray(0, -4),
      'malformed-request',
      /HeartbeatRequest v3, memberId/,
    ],
  ]
  test.each(cases)('%s', async (_, request, reason, message) => {
    const { dispatcher } = dispatcherOf(otherVersions)
    const end = await endOf(() => dispatcher.dispatch(request, connectionInfo()))
    expect(end.reason).toBe(reason)
    expect(end.message).toMatch(message)
  })

  test('its handler, with a reason of its own', async () => {
    const handler = apiHandler(heartbeatRequest, heartbeatResponse, {
      handle: () => Promise.reject(new ConnectionEnd('no-acknowledgement', 'because')),
    })
    const end = await endOf(() => dispatcherOf(handler).dispatcher.dispatch(body, connectionInfo()))
    expect(end.reason).toBe('no-acknowledgement')
  })
})

describe('a handler that throws', () => {
  const throwing = (error: unknown, isAsync: boolean) =>
    apiHandler(heartbeatRequest, heartbeatResponse, {
      handle() {
        if (isAsync) return Promise.reject(error)
        throw error
      },
    })
  const request = requestFrame(heartbeatRequest, 4, heartbeat)

  test.each([false, true])(
    'an error of the protocol is answered with it (in a promise: %s)',
    async (isAsync) => {
      const { dispatcher, lines } = dispatcherOf(
        throwing(new KafkaError('NOT_COORDINATOR', 'elsewhere'), isAsync),
      )
      const answer = await dispatcher.dispatch(request, connectionInfo())
      expect(decoded(answer, heartbeatResponse, 4).errorCode).toBe(errorCodes.NOT_COORDINATOR)
      expect(lines).toEqual([])
    },
  )

  test.each([false, true])(
    'anything else is logged and is UNKNOWN_SERVER_ERROR (in a promise: %s)',
    async (isAsync) => {
      const { dispatcher, lines } = dispatcherOf(throwing(new Error('a bug'), isAsync))
      const answer = await dispatcher.dispatch(request, connectionInfo())
      expect(decoded(answer, heartbeatResponse, 4).errorCode).toBe(errorCodes.UNKNOWN_SERVER_ERROR)
      expect(lines.join()).toMatch(/^Heartbeat failed: Error: a bug/)
    },
  )

  test.each([false, true])(
    'or whose response cannot be encoded is a bug too (in a promise: %s)',
    async (isAsync) => {
      const wrong = { errorCode: 1_000_000 }
      const handler = apiHandler(heartbeatRequest, heartbeatResponse, {
        handle: () => (isAsync ? Promise.resolve(wrong) : wrong),
      })
      const { dispatcher, lines } = dispatcherOf(handler)
      const answer = await dispatcher.dispatch(request, connectionInfo())
      expect(decoded(answer, heartbeatResponse, 4).errorCode).toBe(errorCodes.UNKNOWN_SERVER_ERROR)
      expect(lines.join()).toMatch(/HeartbeatResponse v4, errorCode/)
    },
  )

  const produce = requestFrame(produceRequest, 9, {
    transactionalId: null,
    acks: 1,
    timeoutMs: 1,
    topicData: [{ name: 't', partitionData: [{ index: 3, records: null }] }],
  })
  const bug = () => {
    throw new Error('a bug')
  }

  test('says so in every item where the response has no place for one error', async () => {
    const handler = apiHandler(produceRequest, produceResponse, {
      handle: bug,
      errorResponse: ({ topicData }, errorCode) => ({
        responses: topicData.map(({ name, partitionData }) => ({
          name,
          partitionResponses: partitionData.map(({ index }) => ({ index, errorCode, baseOffset: -1 })),
        })),
      }),
    })
    const answer = await dispatcherOf(handler).dispatcher.dispatch(produce, connectionInfo())
    const partition = { index: 3, errorCode: -1, baseOffset: -1 }
    expect(decoded(answer, produceResponse, 9)).toMatchObject({
      responses: [{ name: 't', partitionResponses: [partition] }],
    })
  })

  test('ends the connection where nothing can say so', async () => {
    const handler = apiHandler(produceRequest, produceResponse, { handle: bug })
    const end = await endOf(() => dispatcherOf(handler).dispatcher.dispatch(produce, connectionInfo()))
    expect(end.reason).toBe('handler-failed')
  })
})

describe('ApiVersions', () => {
  const software = { clientSoftwareName: 'tidemark', clientSoftwareVersion: '1.2.3-rc1' }

  test.each([0, 3, 4])('lists what is served and nothing else: version %d', async (version) => {
    const limited = apiHandler(metadataRequest, metadataResponse, { handle: bugless, maxVersion: 9 })
    const { dispatcher } = dispatcherOf(answering, limited)
    const connection = connectionInfo()
    const request = requestFrame(apiVersionsRequest, version, version < 3 ? {} : software)
    const response = decoded(await dispatcher.dispatch(request, connection), apiVersionsResponse, version)
    expect(response.errorCode).toBe(0)
    expect(response.apiKeys).toEqual([
      { apiKey: 3, minVersion: 0, maxVersion: 9 },
      { apiKey: 12, minVersion: 0, maxVersion: 4 },
      { apiKey: 18, minVersion: 0, maxVersion: 4 },
    ])
    expect(connection.clientSoftwareName).toBe(version < 3 ? undefined : 'tidemark')
    expect(connection.clientSoftwareVersion).toBe(version < 3 ? undefined : '1.2.3-rc1')
  })

  test('tells Produce from version 0 on, without which librdkafka does not compress', async () => {
    const produce = apiHandler(produceRequest, produceResponse, { handle: bugless })
    const { dispatcher } = dispatcherOf(produce)
    const request = requestFrame(apiVersionsRequest, 3, software)
    const response = decoded(await dispatcher.dispatch(request, connectionInfo()), apiVersionsResponse, 3)
    expect(response.apiKeys).toContainEqual({ apiKey: 0, minVersion: 0, maxVersion: 13 })
  })

  test('of a version that is not known is answered in version 0, with the versions that are', async () => {
    const { dispatcher } = dispatcherOf(answering)
    const request = requestFrame(apiVersionsRequest, 4, software)
    request.writeInt16BE(9, 2)
    const response = decoded(await dispatcher.dispatch(request, connectionInfo()), apiVersionsResponse, 0)
    expect(response.errorCode).toBe(errorCodes.UNSUPPORTED_VERSION)
    expect(response.apiKeys).toEqual([{ apiKey: 18, minVersion: 0, maxVersion: 4 }])
  })

  test.each(['', '-x', 'x ', 'a/b'])('refuses %j as the name of a client', async (clientSoftwareName) => {
    const { dispatcher } = dispatcherOf(answering)
    const connection = connectionInfo()
    const request = requestFrame(apiVersionsRequest, 3, { ...software, clientSoftwareName })
    const response = decoded(await dispatcher.dispatch(request, connection), apiVersionsResponse, 3)
    expect(response.errorCode).toBe(errorCodes.INVALID_REQUEST)
    expect(connection.clientSoftwareName).toBeUndefined()
  })

  test('carries the features of the cluster', async () => {
    const finalizedFeatures = [{ name: 'transaction.version', maxVersionLevel: 2, minVersionLevel: 2 }]
    const dispatcher = new ApiDispatcher({
      handlers: new Map([answering]),
      features: () => ({ finalizedFeatures, finalizedFeaturesEpoch: 7 }),
    })
    const request = requestFrame(apiVersionsRequest, 4, software)
    const response = decoded(await dispatcher.dispatch(request, connectionInfo()), apiVersionsResponse, 4)
    expect(response).toMatchObject({ finalizedFeatures, finalizedFeaturesEpoch: 7 })
  })

  function bugless(): never {
    throw new Error('is not called')
  }
})

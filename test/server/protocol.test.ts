import { expect, test } from 'vitest'
import { apiHandler } from '../../src/server/api-handler.ts'
import { ApiDispatcher } from '../../src/server/dispatch.ts'
import { decodeResponseHeader, encodeRequestHeader } from '../../src/wire/headers.ts'
import { heartbeatRequest, heartbeatResponse } from '../../src/wire/messages/12-heartbeat.ts'
import { apiVersionsRequest, apiVersionsResponse } from '../../src/wire/messages/18-api-versions.ts'
import { frame, KeptLog, RawClient, startServer } from './loopback.ts'

const software = apiVersionsRequest.at(3).encode({ clientSoftwareName: 'c', clientSoftwareVersion: '1' })
const heartbeat = heartbeatRequest.at(4).encode({ groupId: 'g', generationId: 1, memberId: 'm' })

function request(apiKey: number, apiVersion: number, correlationId: number, body: Buffer): Buffer {
  return frame(
    Buffer.concat([encodeRequestHeader({ apiKey, apiVersion, correlationId, clientId: 'raw' }), body]),
  )
}

async function start() {
  const handler = apiHandler(heartbeatRequest, heartbeatResponse, { handle: async () => ({ errorCode: 25 }) })
  const logger = new KeptLog()
  const server = await startServer({
    dispatcher: new ApiDispatcher({ handlers: new Map([handler]) }),
    logger,
  })
  return { server, logger, client: await RawClient.connect(server) }
}

test('a client asks for the versions, then for something', async () => {
  const { client } = await start()
  client.socket.write(Buffer.concat([request(18, 3, 1, software), request(12, 4, 2, heartbeat)]))
  await client.texts(2)
  const [versions, beat] = client.responses
  if (versions === undefined || beat === undefined) throw new Error('there are two responses')
  const versionsHeader = decodeResponseHeader(versions, 18, 3)
  const beatHeader = decodeResponseHeader(beat, 12, 4)
  expect([versionsHeader.correlationId, beatHeader.correlationId]).toEqual([1, 2])
  const { apiKeys } = apiVersionsResponse.at(3).decode(versions, versionsHeader.bodyPosition)
  expect(apiKeys.map(({ apiKey }) => apiKey)).toEqual([12, 18])
  expect(heartbeatResponse.at(4).decode(beat, beatHeader.bodyPosition).errorCode).toBe(25)
})

test('a client that asks for what is not served is answered until then, and disconnected', async () => {
  const { client, server, logger } = await start()
  client.socket.write(Buffer.concat([request(12, 4, 1, heartbeat), request(3, 1, 2, Buffer.alloc(4))]))
  await client.closed()
  expect(client.responses.length).toBe(1)
  expect(server.counts.closed).toEqual({ 'unsupported-request': 1 })
  expect(logger.lines.join()).toMatch(/of client 'raw' from 127.*Metadata version 1 is not served here/)
})

test('a client that sends half a request in a whole frame is disconnected, and the field is named', async () => {
  const { client, server, logger } = await start()
  client.socket.write(request(12, 4, 1, heartbeat.subarray(0, 3)))
  await client.closed()
  expect(server.counts.closed).toEqual({ 'malformed-request': 1 })
  expect(logger.lines.join()).toMatch(/HeartbeatRequest v4, generationId/)
})

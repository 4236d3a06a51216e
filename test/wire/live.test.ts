import { expect, test } from 'vitest'
import { apiVersionsRequest, apiVersionsResponse } from '../../src/wire/messages/18-api-versions.ts'
import { WireClient } from '../server/wire-client.ts'
import { sendDamagedRequests } from './damaged-requests.ts'
import { startLiveBroker } from './live-broker.ts'

/** Damaged requests to a broker that serves: each is answered, refused or waits, and nothing in it fails. */

const requestCount = Number(process.env['TIDEMARK_FRAMES'] ?? '2000')
const seed = Number(process.env['TIDEMARK_SEED'] ?? '1')

test(`a broker takes ${requestCount} damaged requests, seed ${seed}`, { timeout: 3_600_000 }, async () => {
  await using broker = await startLiveBroker(seed)
  const { answered, closed, waiting } = await sendDamagedRequests(broker, requestCount, seed)
  expect(broker.complaints).toEqual([])
  expect(broker.server.connections.counts.refused).toEqual({})
  expect(answered + closed + waiting).toBe(requestCount)
  // A broker that hung up on everybody, or on nobody, would have looked at nothing.
  expect(Math.min(answered, closed)).toBeGreaterThan(0)
  using client = await WireClient.connect(broker.port)
  const declared = { request: apiVersionsRequest, response: apiVersionsResponse }
  const { errorCode } = await client.call(declared, 0, {})
  expect(errorCode).toBe(0)
})

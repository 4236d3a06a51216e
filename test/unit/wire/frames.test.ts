import { describe, expect, test } from 'vitest'
import { type Api, apiKeys } from '../../../src/wire/api-keys.ts'
import {
  decodeRequestHeader,
  decodeResponseHeader,
  encodeRequestHeader,
  encodeResponseHeader,
} from '../../../src/wire/headers.ts'
import { type FramePair, framePairs } from './kafka-facts.ts'

/** What real clients and a real broker have said to each other, headers included, taken apart and put together. */

const pairs = framePairs()
const byKey = new Map(apiKeys.map((api) => [api.key, api]))

describe('frames between real clients and a real broker', () => {
  test('are many, of several clients', () => {
    expect(pairs.length).toBeGreaterThanOrEqual(212)
    expect(new Set(pairs.map(({ client }) => client)).size).toBeGreaterThanOrEqual(5)
  })

  for (const [index, pair] of pairs.entries()) {
    const title = `${index}: ${pair.client}, ${byKey.get(pair.apiKey)?.name} v${pair.apiVersion}`
    test(title, () => {
      checkRequest(pair)
      checkResponse(pair)
    })
  }
})

function checkRequest({ apiKey, apiVersion, request }: FramePair): void {
  const frame = Buffer.from(request, 'hex')
  const { bodyPosition, ...header } = decodeRequestHeader(frame)
  expect(header).toMatchObject({ apiKey, apiVersion })
  const encodedHeader = encodeRequestHeader(header)
  expect(encodedHeader).toEqual(frame.subarray(0, bodyPosition))
  const { request: message } = apiOfPair(apiKey)
  // A client may ask for more versions of ApiVersions than the broker knows: that body cannot be read, nor need it be.
  if (!message.has(apiVersion)) return expect(apiKey).toBe(18)
  const codec = message.at(apiVersion)
  const body = codec.encode(codec.decode(frame, bodyPosition) as never)
  expect(Buffer.concat([encodedHeader, body]).toString('hex')).toBe(request)
}

function checkResponse({ apiKey, apiVersion, response }: FramePair): void {
  const frame = Buffer.from(response, 'hex')
  const { bodyPosition, correlationId } = decodeResponseHeader(frame, apiKey, apiVersion)
  const { response: message } = apiOfPair(apiKey)
  const codec = message.at(message.has(apiVersion) ? apiVersion : 0)
  const decoded = codec.decode(frame, bodyPosition)
  const chunks = codec.encodeChunks(decoded as never)
  const header = encodeResponseHeader(apiKey, apiVersion, correlationId)
  expect(Buffer.concat([header, ...chunks]).toString('hex')).toBe(response)
}

function apiOfPair(apiKey: number): Api {
  const api = byKey.get(apiKey)
  if (api === undefined) throw new Error(`no API has the key ${apiKey}`)
  return api
}

import { describe, expect, test } from 'vitest'
import { WireError } from '../../../src/base/errors.ts'
import {
  decodeRequestHeader,
  decodeResponseHeader,
  encodeRequestHeader,
  encodeResponseHeader,
} from '../../../src/wire/headers.ts'
import { apiVersionsRequest, apiVersionsResponse } from '../../../src/wire/messages/18-api-versions.ts'
import { vectors } from './kafka-facts.ts'

const fetchKey = 1
const apiVersionsKey = 18

describe('request headers', () => {
  test('are those of Kafka, in both versions', () => {
    const own = vectors().filter(({ message }) => message === 'RequestHeader')
    expect(own).toHaveLength(6)
    for (const { version, value, hex } of own) {
      // The vectors carry any numbers for the key and version of the API, so the header is put beside one that exists.
      const { correlationId, clientId } = value as { correlationId: number; clientId: string | null }
      const apiVersion = version === 2 ? 12 : 11
      const header = encodeRequestHeader({ apiKey: fetchKey, apiVersion, correlationId, clientId })
      expect(header.toString('hex').slice(8)).toBe(hex.slice(8))
      expect(decodeRequestHeader(header)).toEqual({
        apiKey: fetchKey,
        apiVersion,
        correlationId,
        clientId,
        bodyPosition: header.length,
      })
    }
  })

  test('pass over tagged fields that are not known', () => {
    const header = encodeRequestHeader({ apiKey: fetchKey, apiVersion: 18, correlationId: 7, clientId: 'me' })
    const tagged = Buffer.concat([header.subarray(0, -1), Buffer.from([1, 5, 2, 0xaa, 0xbb])])
    expect(decodeRequestHeader(tagged)).toMatchObject({ clientId: 'me', bodyPosition: tagged.length })
  })

  test('are read for versions of ApiVersions that are yet to come', () => {
    const header = { apiKey: apiVersionsKey, apiVersion: 99, correlationId: 1, clientId: null }
    const frame = Buffer.concat([encodeRequestHeader(header), Buffer.from('unknown')])
    expect(decodeRequestHeader(frame)).toEqual({ ...header, bodyPosition: 11 })
    expect(apiVersionsRequest.has(99)).toBe(false)
  })

  test.each([
    ['nothing', Buffer.alloc(0), /RequestHeader v1: 2 bytes are due, and 0 are left/],
    ['an API that there is not', Buffer.from('00040000000000010000', 'hex'), /no API with the key 4/],
    [
      'a client id cut short',
      Buffer.from('00010000000000010005aa', 'hex'),
      /5 bytes are due, and 1 are left/,
    ],
    ['a client id of a size below null', Buffer.from('0001000000000001fffe', 'hex'), /has the size -2/],
    [
      'no tagged fields where they are due',
      Buffer.from('0001000c00000001ffff', 'hex'),
      /varint is cut short/,
    ],
  ])('are refused by name: %s', (_, frame, message) => {
    expect(() => decodeRequestHeader(frame)).toThrow(WireError)
    expect(() => decodeRequestHeader(frame)).toThrow(message)
  })

  test('are not encoded with what does not fit', () => {
    const header = { apiKey: fetchKey, apiVersion: 4, correlationId: 2 ** 31, clientId: null }
    expect(() => encodeRequestHeader(header)).toThrow(/must be an int32, got 2147483648/)
  })
})

describe('response headers', () => {
  test('have tagged fields where the body is flexible', () => {
    expect(encodeResponseHeader(fetchKey, 11, 258).toString('hex')).toBe('00000102')
    expect(encodeResponseHeader(fetchKey, 12, 258).toString('hex')).toBe('0000010200')
    expect(decodeResponseHeader(Buffer.from('00000102', 'hex'), fetchKey, 11)).toEqual({
      correlationId: 258,
      bodyPosition: 4,
    })
    const tagged = Buffer.from('00000102010001aa', 'hex')
    expect(decodeResponseHeader(tagged, fetchKey, 12)).toEqual({ correlationId: 258, bodyPosition: 8 })
  })

  test('have none for ApiVersions, whatever its version', () => {
    expect(encodeResponseHeader(apiVersionsKey, 4, 1)).toHaveLength(4)
    expect(decodeResponseHeader(Buffer.from('0000000100', 'hex'), apiVersionsKey, 3).bodyPosition).toBe(4)
  })

  test('lead to the body of version 0 when the version of ApiVersions is not served', () => {
    const body = apiVersionsResponse
      .at(0)
      .encode({ errorCode: 35, apiKeys: [{ apiKey: 18, minVersion: 0, maxVersion: 4 }] })
    expect(body.toString('hex')).toBe('002300000001001200000004')
  })
})

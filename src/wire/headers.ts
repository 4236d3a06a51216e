import { WireError } from '../base/errors.ts'
import { type Api, apiOf } from './api-keys.ts'
import {
  clientIdCodec,
  type DecodedRequestHeader,
  type DecodedResponseHeader,
  naming,
  readResponseHeader,
  type RequestHeader,
  writeRequestHeader,
} from './header-codec.ts'
import { apiVersionsRequest } from './messages/18-api-versions.ts'
import { Reader } from './reader.ts'
import { skipTags } from './tag-section.ts'

export type { DecodedRequestHeader, DecodedResponseHeader, RequestHeader }

/**
 * Decodes the header of a request. Versions of the API that are not known are let through for the caller to refuse; one
 * of ApiVersions is to be answered with version 0 of the response, UNSUPPORTED_VERSION and what is served (KIP-511).
 *
 * @param frame the request without its length
 * @throws WireError when the header is cut short, or there is no such API
 */
export function decodeRequestHeader(frame: Buffer): DecodedRequestHeader {
  return naming('RequestHeader', () => {
    const reader = new Reader(frame, 0)
    const apiKey = reader.readInt16()
    const apiVersion = reader.readInt16()
    const correlationId = reader.readInt32()
    const clientId = clientIdCodec.read(reader) as string | null
    if (hasTags(knownApi(apiKey), apiVersion)) skipTags(reader)
    return { apiKey, apiVersion, correlationId, clientId, bodyPosition: reader.position }
  })
}

/**
 * The header of a request, for the version of the API that it names.
 *
 * @throws WireError if there is no such API, or a value does not fit its type
 */
export function encodeRequestHeader(header: RequestHeader): Buffer {
  return writeRequestHeader(header, hasTags(knownApi(header.apiKey), header.apiVersion))
}

/**
 * Decodes the header of the response to a request for `apiVersion` of `apiKey`.
 *
 * @param frame the response without its length
 * @throws WireError when the header is cut short, or there is no such API
 */
export function decodeResponseHeader(
  frame: Buffer,
  apiKey: number,
  apiVersion: number,
): DecodedResponseHeader {
  return readResponseHeader(frame, responseHasTags(apiKey, apiVersion))
}

/**
 * The header of the response to a request for `apiVersion` of `apiKey`.
 *
 * @throws WireError if there is no such API
 */
export function encodeResponseHeader(apiKey: number, apiVersion: number, correlationId: number): Buffer {
  const header = Buffer.alloc(responseHasTags(apiKey, apiVersion) ? 5 : 4)
  header.writeInt32BE(correlationId)
  return header
}

/** The answer to ApiVersions has a plain header: whoever asks does not know yet what the other understands (KIP-511). */
function responseHasTags(apiKey: number, apiVersion: number): boolean {
  return apiKey !== apiVersionsRequest.apiKey && hasTags(knownApi(apiKey), apiVersion)
}

function hasTags({ request }: Api, apiVersion: number): boolean {
  return request.isFlexible(apiVersion)
}

function knownApi(apiKey: number): Api {
  const api = apiOf(apiKey)
  if (api === undefined)
    throw new WireError('RequestHeader', 1, 'apiKey', `there is no API with the key ${apiKey}`)
  return api
}

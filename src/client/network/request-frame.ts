import { writeRequestHeader } from '../../wire/header-codec.ts'
import { commonVersion, type Rpc, type ServedVersions } from './rpc.ts'
import type { CallInput } from './transport.ts'

/** A request whose version is decided. It is encoded when its turn to be sent has come. */
export interface Outgoing {
  /** Kafka's name of it, such as `FetchRequest`. */
  readonly requestName: string
  readonly apiKey: number
  readonly apiVersion: number
  readonly isFlexible: boolean
  encode(): readonly Buffer[]
}

const sizePrefixBytes = 4

/**
 * `input` as a request in the latest version that both sides know.
 *
 * @throws UnsupportedVersionError if there is none
 */
export function outgoing<Input>(
  api: Rpc<Input, unknown>,
  input: CallInput<Input>,
  served: ServedVersions,
  address: string,
): Outgoing {
  const { request } = api
  const apiVersion = commonVersion(api, served, address)
  return {
    requestName: request.name,
    apiKey: request.apiKey,
    apiVersion,
    isFlexible: request.isFlexible(apiVersion),
    encode: () => {
      const message = typeof input === 'function' ? (input as (version: number) => Input)(apiVersion) : input
      return request.at(apiVersion).encodeChunks(message)
    },
  }
}

/**
 * The request as it goes over the wire, in pieces: its size, its header, its body.
 *
 * @throws WireError when it has no form in its version
 */
export function requestFrame(request: Outgoing, correlationId: number, clientId: string): Buffer[] {
  const { apiKey, apiVersion, isFlexible } = request
  const body = request.encode()
  const header = writeRequestHeader({ apiKey, apiVersion, correlationId, clientId }, isFlexible)
  const size = Buffer.allocUnsafe(sizePrefixBytes)
  size.writeInt32BE(body.reduce((bytes, { length }) => bytes + length, header.length))
  return [size, header, ...body]
}

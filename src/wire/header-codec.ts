import { WireError } from '../base/errors.ts'
import { Reader } from './reader.ts'
import { textCodec } from './sized-codec.ts'
import { skipTags } from './tag-section.ts'
import { WireFault } from './wire-fault.ts'
import { Writer } from './writer.ts'

/**
 * What stands in front of every request and response in its frame. Headers have versions of their own, which follow from
 * those of the body: a flexible body has a header with tagged fields (request header v2, response header v1), other
 * bodies have one without (v1 and v0).
 */
export interface RequestHeader {
  readonly apiKey: number
  readonly apiVersion: number
  /** The response carries the same. */
  readonly correlationId: number
  /** What the client calls itself. */
  readonly clientId: string | null
}

/** A request header that was decoded. */
export interface DecodedRequestHeader extends RequestHeader {
  /** Where the body begins in the frame. */
  readonly bodyPosition: number
}

/** A response header that was decoded. */
export interface DecodedResponseHeader {
  readonly correlationId: number
  /** Where the body begins in the frame. */
  readonly bodyPosition: number
}

/** Sized by an int16 in all versions of the header: a server reads it before it knows whether it knows the version. */
export const clientIdCodec = textCodec({ version: 1, isFlexible: false }, true)

/** Enough for most client ids. */
const headerRoomBytes = 128

/**
 * A request header. `hasTags`: the body is flexible.
 *
 * @throws WireError if a value does not fit its type
 */
export function writeRequestHeader(header: RequestHeader, hasTags: boolean): Buffer {
  return naming('RequestHeader', () => {
    const writer = new Writer(headerRoomBytes)
    writer.writeInt16(header.apiKey)
    writer.writeInt16(header.apiVersion)
    writer.writeInt32(header.correlationId)
    clientIdCodec.write(writer, header.clientId)
    if (hasTags) writer.writeSize(0)
    return writer.toBuffer()
  })
}

/**
 * The response header that `frame` begins with.
 *
 * @throws WireError when it is cut short
 */
export function readResponseHeader(frame: Buffer, hasTags: boolean): DecodedResponseHeader {
  return naming('ResponseHeader', () => {
    const reader = new Reader(frame, 0)
    const correlationId = reader.readInt32()
    if (hasTags) skipTags(reader)
    return { correlationId, bodyPosition: reader.position }
  })
}

/** Runs `act`; a fault in it becomes a WireError that names the header. */
export function naming<T>(name: string, act: () => T): T {
  try {
    return act()
  } catch (error) {
    throw error instanceof WireFault ? new WireError(name, 1, error.path, error.message) : error
  }
}

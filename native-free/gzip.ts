import { constants as bufferConstants } from 'node:buffer'
import { gunzipSync, gzipSync } from 'node:zlib'
import type { Codec } from './codec.ts'
import { MalformedInputError, OutputLimitError } from './errors.ts'
import { isZlibLimitError } from './zlib-limit.ts'

/** RFC 1952: 10 bytes of header and 8 of trailer enclose the compressed data. */
const FRAME_BYTES = 18
/** Where the header names the operating system, and the value for "unknown". */
const OS_POSITION = 9
const OS_UNKNOWN = 0xff

/** Output is collected in pieces of this many bytes at the most. */
const PIECE_BYTES_MIN = 1024
const PIECE_BYTES_MAX = 1024 * 1024

/**
 * The size the last member claims to expand to (modulo 2^32), so that one piece suffices when it is true. It is
 * only a hint: a lie costs at most one piece.
 */
function pieceBytes(input: Buffer, maxOutputBytes: number): number {
  const claimed = input.readUInt32LE(input.length - 4) + 1 // one to spare, or zlib asks for a second piece
  return Math.max(PIECE_BYTES_MIN, Math.min(claimed, maxOutputBytes + 1, PIECE_BYTES_MAX))
}

/** zlib's complaint in our words: it stopped at the limit, or the input is at fault. */
function translate(error: unknown, maxOutputBytes: number): Error {
  if (isZlibLimitError(error)) return new OutputLimitError('gzip', maxOutputBytes)
  return new MalformedInputError('gzip data breaks the format', { cause: error })
}

function decompress(input: Uint8Array, maxOutputBytes: number): Buffer {
  if (input.length < FRAME_BYTES) throw new MalformedInputError(`${input.length} bytes are too few for gzip`)
  const bytes = Buffer.from(input.buffer, input.byteOffset, input.length)
  // zlib's limit must be positive, so a limit of 0 needs the check after it.
  const maxOutputLength = Math.min(Math.max(maxOutputBytes, 1), bufferConstants.MAX_LENGTH)
  let output: Buffer
  try {
    output = gunzipSync(bytes, { maxOutputLength, chunkSize: pieceBytes(bytes, maxOutputBytes) })
  } catch (error) {
    throw translate(error, maxOutputBytes)
  }
  if (output.length > maxOutputBytes) throw new OutputLimitError('gzip', maxOutputBytes)
  return output
}

/**
 * gzip by `node:zlib`. Levels are 1 (fast) to 9 (small); the default, -1, is zlib's 6. Several members in a row
 * are read as one, as Java does. The header names no operating system, as Java's does not, so that the same input
 * gives the same bytes everywhere.
 */
export const gzipCodec: Codec = {
  id: 1,
  name: 'gzip',
  compress(input, level = -1) {
    const output = gzipSync(input, { level })
    output[OS_POSITION] = OS_UNKNOWN
    return output
  },
  decompress,
}

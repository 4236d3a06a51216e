import { OutputLimitError } from './errors.ts'
import { gzipCodec } from './gzip.ts'
import { createLz4Codec } from './lz4.ts'
import { snappyCodec } from './snappy.ts'
import { createZstdCodec } from './zstd.ts'

/** Kafka's names of the compression types (`compression.type`). */
export type CompressionName = 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd'

/** One compression type, in the framing that Kafka gives it. Synchronous; one codec serves all callers. */
export interface Codec {
  /** The number in the low three bits of a batch's attributes. */
  readonly id: number
  readonly name: CompressionName

  /**
   * Compresses all of `input`. `level` has the range and default of the format; where a format has no levels it
   * is ignored. Throws `RangeError` for a level out of range, `UnavailableError` where writing is not possible.
   */
  compress(input: Uint8Array, level?: number): Buffer

  /**
   * What `input` expands to. Throws `OutputLimitError` when that is more than `maxOutputBytes`, before making room
   * for it, and `MalformedInputError` for anything that the format does not allow, an empty input among it. Not
   * every damage shows here: check the batch's CRC first.
   */
  decompress(input: Uint8Array, maxOutputBytes: number): Buffer
}

/** No compression. The result is a view of the input, not a copy. */
const noneCodec: Codec = {
  id: 0,
  name: 'none',
  compress: (input) => Buffer.from(input.buffer, input.byteOffset, input.length),
  decompress(input, maxOutputBytes) {
    if (input.length > maxOutputBytes)
      throw new OutputLimitError('plain', maxOutputBytes, `takes ${input.length} bytes`)
    return Buffer.from(input.buffer, input.byteOffset, input.length)
  },
}

const codecs: readonly Codec[] = [noneCodec, gzipCodec, snappyCodec, createLz4Codec(), createZstdCodec()]

/** The codec with this number in a batch's attributes; `undefined` for 5 to 7, which have no meaning yet. */
export function codecById(id: number): Codec | undefined {
  return codecs[id]
}

/** The codec of this name. Throws `RangeError` for a name that Kafka does not have. */
export function codecByName(name: CompressionName): Codec {
  const codec = codecs.find((candidate) => candidate.name === name)
  if (codec !== undefined) return codec
  const names = codecs.map((candidate) => candidate.name).join(', ')
  throw new RangeError(`no compression is called ${JSON.stringify(name)}: there are ${names}`)
}

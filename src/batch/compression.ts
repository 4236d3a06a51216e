import { type Codec, type CompressionName, codecById, codecByName } from '../../native-free/codec.ts'
import { MalformedInputError, OutputLimitError, UnavailableError } from '../../native-free/errors.ts'
import { createLz4Codec } from '../../native-free/lz4.ts'
import { CodecError, CodecUnavailableError, InvalidRecordError, OutputTooLargeError } from '../base/errors.ts'

export type { CompressionName } from '../../native-free/codec.ts'

/**
 * Most bytes that one batch may expand to unless the reader says otherwise: 128 MiB. A default
 * `max.message.bytes` batch (1 MiB) would have to compress 128 times to reach it, while zeros under gzip or zstd reach
 * 1,000 times and more: room for every honest batch, and an end for the others.
 */
export const defaultMaxDecompressedBytes = 128 * 1024 * 1024

/** The name of the codec with `id`, the lowest three bits of a batch's attributes. */
export function compressionName(id: number): CompressionName {
  const codec = codecById(id)
  if (codec === undefined)
    throw new InvalidRecordError(`no compression has the id ${id} that the attributes name`)
  return codec.name
}

/** The id of a codec, as the attributes of a batch hold it. */
export function compressionId(name: CompressionName): number {
  return codecByName(name).id
}

/**
 * Compresses the records of a batch.
 *
 * @param level the codec's own scale; its default when undefined
 * @throws CodecUnavailableError when this runtime cannot write that codec
 */
export function compress(name: CompressionName, input: Uint8Array, level: number | undefined): Buffer {
  return translatingErrors(() => codecByName(name).compress(input, level))
}

/**
 * Expands the records of a batch.
 *
 * @throws CodecError for malformed input
 * @throws OutputTooLargeError when it would expand beyond `maxOutputBytes`
 * @throws CodecUnavailableError when this runtime cannot read that codec
 */
export function decompress(name: CompressionName, input: Uint8Array, maxOutputBytes: number): Buffer {
  return translatingErrors(() => codecByName(name).decompress(input, maxOutputBytes))
}

/** Made when first needed, which is hardly ever. */
let lz4OfMagic0: Codec | undefined

/**
 * Expands what a magic 0 message wraps. The lz4 frames of that time checksum their header wrongly: the frame's magic
 * number is taken in too.
 */
export function decompressMagic0(name: CompressionName, input: Uint8Array, maxOutputBytes: number): Buffer {
  if (name !== 'lz4') return decompress(name, input, maxOutputBytes)
  lz4OfMagic0 ??= createLz4Codec(undefined, { brokenHeaderChecksum: true })
  const codec = lz4OfMagic0
  return translatingErrors(() => codec.decompress(input, maxOutputBytes))
}

/** Runs a codec, turning the errors of the codecs, which know nothing of this library, into its own. */
function translatingErrors(run: () => Buffer): Buffer {
  try {
    return run()
  } catch (cause) {
    throw translated(cause)
  }
}

function translated(cause: unknown): unknown {
  if (cause instanceof MalformedInputError) return new CodecError(cause.message, { cause })
  if (cause instanceof OutputLimitError) return new OutputTooLargeError(cause.message, { cause })
  if (cause instanceof UnavailableError) return new CodecUnavailableError(cause.message, { cause })
  return cause
}

import * as zlib from 'node:zlib'
import type { Codec } from './codec.ts'
import { MalformedInputError, OutputLimitError, UnavailableError } from './errors.ts'
import { isZlibLimitError } from './zlib-limit.ts'
import { expandByFzstd } from './zstd-fzstd.ts'
import { listZstdFrames, type ZstdFrame } from './zstd-frame.ts'

/** The zstd functions of `node:zlib`. */
interface NodeZstd {
  readonly constants: { readonly ZSTD_c_compressionLevel: number }
  zstdCompressSync(input: Uint8Array, options: { readonly params: Record<number, number> }): Buffer
  zstdDecompressSync(input: Uint8Array, options: { maxOutputLength: number; chunkSize: number }): Buffer
}

/** Who reads: `node` is `node:zlib`, `fzstd` the package of that name, in JavaScript. Only `node` writes. */
export type ZstdImplementation = 'node' | 'fzstd'

/** What the frame expands to. Throws {@link OutputLimitError} beyond `maxBytes`, anything else when malformed. */
export type ExpandZstdFrame = (frame: Buffer, facts: ZstdFrame, maxBytes: number) => Buffer

const LEVEL_MIN = -131072
const LEVEL_MAX = 22
const LEVEL_DEFAULT = 3

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the types describe Node 20
const nodeZstd = 'zstdCompressSync' in zlib ? (zlib as unknown as NodeZstd) : undefined

/** False in Node 20 and before 22.15: zstd is then read through `fzstd` and cannot be written. */
export const isNodeZstdPresent: boolean = nodeZstd !== undefined

function requireNodeZstd(): NodeZstd {
  if (nodeZstd !== undefined) return nodeZstd
  throw new UnavailableError(
    'node:zlib has no zstd here: use Node.js 22.15 or later, or another compression (lz4, gzip, snappy)',
  )
}

function compress(input: Uint8Array, level = LEVEL_DEFAULT): Buffer {
  if (!Number.isInteger(level) || level < LEVEL_MIN || level > LEVEL_MAX) {
    throw new RangeError(`a zstd level is a whole number from ${LEVEL_MIN} to ${LEVEL_MAX}, got ${level}`)
  }
  const zstd = requireNodeZstd()
  return zstd.zstdCompressSync(input, { params: { [zstd.constants.ZSTD_c_compressionLevel]: level } })
}

const expandByNode: ExpandZstdFrame = (frame, { outputBytesMax }, maxBytes) =>
  requireNodeZstd().zstdDecompressSync(frame, {
    maxOutputLength: Math.max(1, maxBytes), // it must be positive; the caller compares once more
    chunkSize: Math.max(64, Math.min(outputBytesMax, 4 * frame.length, 1024 * 1024)),
  })

/** Frame after frame, each against what the ones before it leave of the limit. */
function decompress(input: Uint8Array, maxOutputBytes: number, expand: ExpandZstdFrame): Buffer {
  const bytes = Buffer.from(input.buffer, input.byteOffset, input.length)
  const contents: Buffer[] = []
  let size = 0
  for (const facts of listZstdFrames(bytes)) {
    const content = expandFrame(bytes, facts, maxOutputBytes - size, expand)
    size += content.length
    contents.push(content)
  }
  const [first] = contents
  return first !== undefined && contents.length === 1 ? first : Buffer.concat(contents, size)
}

function expandFrame(bytes: Buffer, facts: ZstdFrame, maxBytes: number, expand: ExpandZstdFrame): Buffer {
  const { start, end, contentBytes, outputBytesMin } = facts
  const knownBytes = Math.max(contentBytes, outputBytesMin)
  if (knownBytes > maxBytes) throw new OutputLimitError('zstd', maxBytes, `declares ${knownBytes} bytes`)
  const content = translateErrors(maxBytes, () => expand(bytes.subarray(start, end), facts, maxBytes))
  if (content.length > maxBytes) throw new OutputLimitError('zstd', maxBytes)
  if (contentBytes >= 0 && content.length !== contentBytes) {
    throw new MalformedInputError(`zstd frame declares ${contentBytes} bytes and holds ${content.length}`)
  }
  return content
}

/** The decoders' complaints in our words. */
function translateErrors(maxBytes: number, work: () => Buffer): Buffer {
  try {
    return work()
  } catch (error) {
    if (error instanceof OutputLimitError || error instanceof UnavailableError) throw error
    if (isZlibLimitError(error)) throw new OutputLimitError('zstd', maxBytes)
    throw new MalformedInputError('zstd data breaks the format', { cause: error })
  }
}

/**
 * zstd, levels -131072 (fast) to 22 (small), default 3. Several frames in a row are read as one, cut ones are
 * refused. The default reader is `node:zlib` where it has zstd, else `fzstd`, which does not verify the checksums
 * that a frame may carry. Writing needs `node:zlib` and throws {@link UnavailableError} without.
 */
export function createZstdCodec(reader: ZstdImplementation = isNodeZstdPresent ? 'node' : 'fzstd'): Codec {
  if (reader === 'node') requireNodeZstd()
  const expand = reader === 'node' ? expandByNode : expandByFzstd
  return {
    id: 4,
    name: 'zstd',
    compress,
    decompress: (input, maxOutputBytes) => decompress(input, maxOutputBytes, expand),
  }
}

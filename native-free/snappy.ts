import { snappyCompressor, snappyUncompressor } from 'hysnappy'
import type { Codec } from './codec.ts'
import { MalformedInputError, OutputLimitError, UnavailableError } from './errors.ts'
import { hasWebAssembly } from './wasm-instance.ts'

// The framing of xerial's snappy-java (SnappyOutputStream), which Java clients write:
//   82 'SNAPPY' 00, version i32 BE, lowest compatible version i32 BE, then chunks: size i32 BE, raw Snappy block
// Others, librdkafka among them, write one raw block and nothing else. The two cannot be confused: as a raw block
// the magic would declare 10626 bytes and begin with a copy of something that precedes them.

const MAGIC = Buffer.from('82534e4150505900', 'hex')
const VERSION = 1
const HEADER_BYTES = MAGIC.length + 8

/** Plain bytes per chunk: snappy-java's default block size. */
const CHUNK_BYTES = 32 * 1024

/** No block expands further: its best element, a copy, takes 3 bytes and gives 64. */
const EXPANSION_MAX = 22

/** A decompressor keeps the memory it once grew to, so one that met a block beyond this is not kept. */
const KEPT_BLOCK_BYTES = 256 * 1024

/** A raw Snappy block inside the input: `[start, end)`, and the plain size it declares. */
interface Block {
  readonly start: number
  readonly end: number
  readonly plainBytes: number
}

/** The instances of `hysnappy`, made when first needed. */
let compressor: ReturnType<typeof snappyCompressor> | undefined
let uncompressor: ReturnType<typeof snappyUncompressor> | undefined

function requireWebAssembly(): void {
  if (hasWebAssembly()) return
  throw new UnavailableError(
    'snappy needs WebAssembly, which this runtime does not have: use lz4, gzip or zstd',
  )
}

function compress(input: Uint8Array): Buffer {
  requireWebAssembly()
  compressor ??= snappyCompressor()
  const parts: Uint8Array[] = [header()]
  for (let start = 0; start < input.length; start += CHUNK_BYTES) {
    const block = compressor(input.subarray(start, start + CHUNK_BYTES))
    const size = Buffer.allocUnsafe(4)
    size.writeInt32BE(block.length)
    parts.push(size, block)
  }
  return Buffer.concat(parts)
}

function header(): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES)
  bytes.set(MAGIC)
  bytes.writeInt32BE(VERSION, MAGIC.length)
  bytes.writeInt32BE(VERSION, MAGIC.length + 4)
  return bytes
}

/** Sizes first: all blocks are listed and their sums checked before the output is allocated. */
function decompress(input: Uint8Array, maxOutputBytes: number): Buffer {
  requireWebAssembly()
  const bytes = Buffer.from(input.buffer, input.byteOffset, input.length)
  const blocks = isFramed(bytes, 0) ? listBlocks(bytes) : [readBlock(bytes, 0, bytes.length)]
  const plainBytes = blocks.reduce((sum, block) => sum + block.plainBytes, 0)
  if (plainBytes > maxOutputBytes) {
    throw new OutputLimitError('snappy', maxOutputBytes, `declares ${plainBytes} bytes`)
  }
  const output = Buffer.allocUnsafe(plainBytes)
  let position = 0
  for (const block of blocks) {
    output.set(expand(bytes, block), position)
    position += block.plainBytes
  }
  return output
}

function isFramed(bytes: Buffer, position: number): boolean {
  return (
    bytes.length - position >= MAGIC.length && MAGIC.compare(bytes, position, position + MAGIC.length) === 0
  )
}

/** The blocks of a framed stream, or of several in a row: a header may stand wherever a chunk may. */
function listBlocks(bytes: Buffer): Block[] {
  const blocks: Block[] = []
  for (let position = 0; position < bytes.length; ) {
    if (isFramed(bytes, position)) {
      position = skipHeader(bytes, position)
      continue
    }
    const start = position + 4
    const size = start <= bytes.length ? bytes.readInt32BE(position) : -1
    if (size < 0 || size > bytes.length - start) {
      throw new MalformedInputError(`snappy chunk at byte ${position} is not whole`)
    }
    position = start + size
    blocks.push(readBlock(bytes, start, position))
  }
  return blocks
}

function skipHeader(bytes: Buffer, position: number): number {
  const end = position + HEADER_BYTES
  if (end > bytes.length) throw new MalformedInputError('snappy data ends inside its header')
  const compatibleVersion = bytes.readInt32BE(end - 4)
  if (compatibleVersion > VERSION) {
    throw new MalformedInputError(
      `snappy framing needs version ${compatibleVersion}: only ${VERSION} is known`,
    )
  }
  return end
}

/** Reads the plain size in front of a block, a varint of at most 32 bits, and holds it against the block's own size. */
function readBlock(bytes: Buffer, start: number, end: number): Block {
  let plainBytes = 0
  for (let position = start, weight = 1; weight <= 2 ** 28 && position < end; position++, weight *= 128) {
    const byte = bytes.readUInt8(position)
    plainBytes += (byte & 127) * weight
    if (byte < 128) {
      if (plainBytes <= EXPANSION_MAX * (end - start)) return { start, end, plainBytes }
      break
    }
  }
  throw new MalformedInputError(
    `snappy block at byte ${start} declares no size that ${end - start} bytes can hold`,
  )
}

/** The instance is put back only if it neither failed nor grew large. */
function expand(bytes: Buffer, { start, end, plainBytes }: Block): Uint8Array {
  const uncompress = uncompressor ?? snappyUncompressor()
  uncompressor = undefined
  try {
    const plain = uncompress(bytes.subarray(start, end), plainBytes)
    if (plainBytes <= KEPT_BLOCK_BYTES) uncompressor = uncompress
    return plain
  } catch (cause) {
    throw new MalformedInputError(`snappy block at byte ${start} breaks the format`, { cause })
  }
}

/** Snappy in xerial's framing; raw blocks are read too. It has no levels: `compress` takes any as the same. */
export const snappyCodec: Codec = { id: 2, name: 'snappy', compress, decompress }

import { MalformedInputError } from './errors.ts'
import { GrowingOutput } from './growing-output.ts'
import { LZ4_BLOCK_BYTES, type Lz4Block, lz4ExpansionBytesMax, MALFORMED, OVERFLOW } from './lz4-block.ts'
import { KAFKA_LZ4_HEADER, type Lz4FrameHeader, readLz4FrameHeader } from './lz4-frame-header.ts'
import { xxhash32 } from './xxhash32.ts'

/** In a block's size: the block is stored as it is, because compressing did not make it smaller. */
const STORED = 0x8000_0000
const END_MARK = 0

/** The LZ4 frame of `input` as Kafka writes it: independent blocks of 64 KiB, no checksums, no content size. */
export function compressLz4Frame(input: Uint8Array, codec: Lz4Block): Buffer {
  const blockCount = Math.ceil(input.length / LZ4_BLOCK_BYTES)
  const frame = Buffer.allocUnsafe(KAFKA_LZ4_HEADER.length + 4 * blockCount + input.length + 4)
  frame.set(KAFKA_LZ4_HEADER, 0)
  let position = KAFKA_LZ4_HEADER.length
  for (let start = 0; start < input.length; start += LZ4_BLOCK_BYTES) {
    position = putBlock(frame, position, input, start, codec)
  }
  position = frame.writeUInt32LE(END_MARK, position)
  return frame.subarray(0, position)
}

/** Writes the block that begins at `start` of `input` to `position` of the frame. Returns the new end. */
function putBlock(
  frame: Buffer,
  position: number,
  input: Uint8Array,
  start: number,
  codec: Lz4Block,
): number {
  const end = Math.min(start + LZ4_BLOCK_BYTES, input.length)
  const size = codec.compress(input, start, end, frame, position + 4)
  if (size > 0) {
    frame.writeUInt32LE(size, position)
    return position + 4 + size
  }
  frame.writeUInt32LE(STORED + (end - start), position)
  frame.set(input.subarray(start, end), position + 4)
  return position + 4 + (end - start)
}

export interface Lz4FrameOptions {
  /**
   * Also accept the header checksum of old producers, who included the magic number in it. Kafka's messages of
   * magic 0 carry either. Default: false.
   */
  readonly brokenHeaderChecksum?: boolean
}

/**
 * What the LZ4 frames in `input` expand to, at most `maxOutputBytes`. Checksums and the content size are verified
 * where a frame has them. Blocks that depend on earlier ones, dictionaries and skippable frames are refused: Kafka
 * knows none of them.
 */
export function decompressLz4Frame(
  input: Uint8Array,
  maxOutputBytes: number,
  codec: Lz4Block,
  { brokenHeaderChecksum = false }: Lz4FrameOptions = {},
): Buffer {
  const reader = new FrameReader(input, maxOutputBytes, codec, brokenHeaderChecksum)
  do reader.readFrame()
  while (reader.hasMore)
  return reader.output.finish()
}

class FrameReader {
  readonly output: GrowingOutput
  readonly #input: Buffer
  readonly #codec: Lz4Block
  readonly #brokenHeaderChecksum: boolean
  #position = 0

  constructor(input: Uint8Array, maxOutputBytes: number, codec: Lz4Block, brokenHeaderChecksum: boolean) {
    this.#input = Buffer.from(input.buffer, input.byteOffset, input.length)
    this.#codec = codec
    this.#brokenHeaderChecksum = brokenHeaderChecksum
    this.output = new GrowingOutput('lz4', maxOutputBytes)
  }

  get hasMore(): boolean {
    return this.#position < this.#input.length
  }

  readFrame(): void {
    const header = readLz4FrameHeader(this.#input, this.#position, this.#brokenHeaderChecksum)
    this.#position = header.end
    const contentStart = this.output.size
    if (header.contentBytes > this.output.remainingBytes) {
      throw this.output.limitError(`declares ${header.contentBytes} bytes`)
    }
    this.output.expect(this.#boundOutput(header))
    while (this.#readBlock(header));
    this.#finishFrame(header, contentStart)
  }

  /**
   * What the blocks of a frame can expand to, from their sizes alone, so that room is made once. 0 for a single
   * block: its output is measured before it needs room.
   */
  #boundOutput({ end, blockBytesMax, hasBlockChecksums }: Lz4FrameHeader): number {
    let bytesMax = 0
    let blockCount = 0
    for (let position = end; position + 4 <= this.#input.length; blockCount++) {
      const size = this.#input.readUInt32LE(position) & ~STORED
      if (size === 0) break
      bytesMax += Math.min(blockBytesMax, lz4ExpansionBytesMax(size))
      position += 4 + size + (hasBlockChecksums ? 4 : 0)
    }
    return blockCount > 1 ? bytesMax : 0
  }

  /** Reads one block into the output; false at the end mark. */
  #readBlock(header: Lz4FrameHeader): boolean {
    const sizeAndFlag = this.#readUInt32('the size of a block')
    if (sizeAndFlag === END_MARK) return false
    const isStored = sizeAndFlag >= STORED
    const size = isStored ? sizeAndFlag - STORED : sizeAndFlag
    if (size === 0 || size > header.blockBytesMax) {
      throw new MalformedInputError(
        `lz4 block of ${size} bytes in a frame of ${header.blockBytesMax}-byte blocks`,
      )
    }
    const start = this.#take(size, 'a block')
    if (header.hasBlockChecksums) this.#verifyChecksum(this.#input.subarray(start, start + size), 'a block')
    if (isStored) this.output.append(this.#input.subarray(start, start + size))
    else this.#expand(start, start + size, header.blockBytesMax)
    return true
  }

  #expand(start: number, end: number, blockBytesMax: number): void {
    const maxBytes = Math.min(blockBytesMax, this.output.remainingBytes)
    const size = this.#codec.decompress(this.#input, start, end, this.output, maxBytes)
    if (size === OVERFLOW && maxBytes < blockBytesMax) throw this.output.limitError()
    if (size < 0) {
      const reason = size === MALFORMED ? 'breaks the format' : `holds more than ${blockBytesMax} bytes`
      throw new MalformedInputError(`lz4 block at byte ${start} ${reason}`)
    }
  }

  #finishFrame(header: Lz4FrameHeader, contentStart: number): void {
    const contentBytes = this.output.size - contentStart
    if (header.contentBytes >= 0 && header.contentBytes !== contentBytes) {
      throw new MalformedInputError(
        `lz4 frame declares ${header.contentBytes} bytes and holds ${contentBytes}`,
      )
    }
    if (header.hasContentChecksum) this.#verifyChecksum(this.output.since(contentStart), 'the content')
  }

  #verifyChecksum(bytes: Uint8Array, of: string): void {
    const expected = this.#readUInt32(`the checksum of ${of}`)
    const actual = xxhash32(bytes)
    if (actual !== expected) {
      throw new MalformedInputError(`lz4 checksum of ${of} is ${expected}, its bytes give ${actual}`)
    }
  }

  #readUInt32(what: string): number {
    return this.#input.readUInt32LE(this.#take(4, what))
  }

  /** Moves past `size` bytes and returns where they begin. */
  #take(size: number, what: string): number {
    const start = this.#position
    if (size > this.#input.length - start) {
      throw new MalformedInputError(`lz4 frame ends at byte ${this.#input.length}, inside ${what}`)
    }
    this.#position = start + size
    return start
  }
}

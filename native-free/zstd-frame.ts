import { MalformedInputError } from './errors.ts'

// Zstandard (RFC 8878): a frame is magic, header, blocks and perhaps a checksum. Decoders differ in how they take a
// cut frame or what follows a frame, so the borders are found here, from the headers alone, before any decoding.

const MAGIC = 0xfd2fb528
const SKIPPABLE_MAGIC = 0x184d2a50
const SKIPPABLE_MASK = 0xfffffff0

const SINGLE_SEGMENT = 0x20
const RESERVED = 0x08
const CHECKSUM = 0x04
const DICTIONARY_ID_BYTES = [0, 1, 2, 4]
const CONTENT_SIZE_BYTES = [0, 2, 4, 8]

/** Frames that need a larger window are refused, as libzstd and zstd-jni do by default. */
const WINDOW_BYTES_MAX = 128 * 1024 * 1024
const BLOCK_BYTES_MAX = 128 * 1024

const RLE = 1
const COMPRESSED = 2

/** What the headers of one frame tell. All sizes in bytes. */
export interface ZstdFrame {
  readonly start: number
  readonly end: number
  /** How far back a match may reach. */
  readonly windowBytes: number
  /** Position of the byte that tells `windowBytes`, or -1 in a frame whose window is its content. */
  readonly windowPosition: number
  /** The declared size of the content, or -1. */
  readonly contentBytes: number
  /** Bounds of what the blocks expand to: those that are not compressed tell their size. */
  readonly outputBytesMin: number
  readonly outputBytesMax: number
}

interface FrameHeader {
  readonly windowBytes: number
  readonly windowPosition: number
  readonly contentBytes: number
  readonly hasChecksum: boolean
  readonly end: number
}

/** All frames of `input` in order, without the skippable ones. Throws {@link MalformedInputError} unless all are whole. */
export function listZstdFrames(input: Buffer): ZstdFrame[] {
  if (input.length === 0) throw new MalformedInputError('zstd data is empty')
  const frames: ZstdFrame[] = []
  for (let position = 0; position < input.length; ) {
    const magic = readLE(input, position, 4)
    if ((magic & SKIPPABLE_MASK) === SKIPPABLE_MAGIC) {
      position += 8 + readLE(input, position + 4, 4)
      if (position > input.length) throw truncated(input)
      continue
    }
    if (magic !== MAGIC) throw new MalformedInputError(`no zstd frame begins at byte ${position}`)
    const frame = readFrame(input, position)
    frames.push(frame)
    position = frame.end
  }
  return frames
}

function readFrame(input: Buffer, start: number): ZstdFrame {
  const { windowBytes, windowPosition, contentBytes, hasChecksum, end } = readHeader(input, start + 4)
  if (windowPosition >= 0 && windowBytes > WINDOW_BYTES_MAX) {
    throw new MalformedInputError(
      `zstd frame needs a window of ${windowBytes} bytes: at most ${WINDOW_BYTES_MAX} are read`,
    )
  }
  const blocks = skipBlocks(input, end, Math.min(windowBytes, BLOCK_BYTES_MAX))
  const frameEnd = blocks.end + (hasChecksum ? 4 : 0)
  if (frameEnd > input.length) throw truncated(input)
  const { outputBytesMin, outputBytesMax } = blocks
  return { start, end: frameEnd, windowBytes, windowPosition, contentBytes, outputBytesMin, outputBytesMax }
}

function readHeader(input: Buffer, start: number): FrameHeader {
  const descriptor = readLE(input, start, 1)
  if ((descriptor & RESERVED) !== 0) {
    throw new MalformedInputError('zstd frame header has its reserved bit set')
  }
  const isSingleSegment = (descriptor & SINGLE_SEGMENT) !== 0
  const dictionaryPosition = start + (isSingleSegment ? 1 : 2)
  const dictionaryBytes = DICTIONARY_ID_BYTES[descriptor & 3] ?? 0
  if (readLE(input, dictionaryPosition, dictionaryBytes) !== 0) {
    throw new MalformedInputError('zstd frame needs a dictionary')
  }
  const contentPosition = dictionaryPosition + dictionaryBytes
  const contentSizeBytes =
    (isSingleSegment && descriptor < 0x40 ? 1 : CONTENT_SIZE_BYTES[descriptor >> 6]) ?? 0
  const contentBytes = contentSizeBytes === 0 ? -1 : readContentSize(input, contentPosition, contentSizeBytes)
  return {
    windowBytes: isSingleSegment ? contentBytes : windowSize(readLE(input, start + 1, 1)),
    windowPosition: isSingleSegment ? -1 : start + 1,
    contentBytes,
    hasChecksum: (descriptor & CHECKSUM) !== 0,
    end: contentPosition + contentSizeBytes,
  }
}

/** The two-byte form starts where the one-byte form ends. */
function readContentSize(input: Buffer, position: number, sizeBytes: number): number {
  if (sizeBytes < 8) return readLE(input, position, sizeBytes) + (sizeBytes === 2 ? 256 : 0)
  return readLE(input, position, 4) + readLE(input, position + 4, 4) * 2 ** 32
}

/** Five bits of exponent, three of mantissa. */
function windowSize(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3))
  return base + (base / 8) * (descriptor & 7)
}

/** Steps over the blocks from `start` on, up to and with the one marked last. */
function skipBlocks(input: Buffer, start: number, blockBytesMax: number) {
  let outputBytesMin = 0
  let outputBytesMax = 0
  let isLast = false
  let end = start
  while (!isLast) {
    const header = readLE(input, end, 3)
    const type = (header >> 1) & 3
    const size = header >> 3
    if (type > COMPRESSED || size > blockBytesMax) {
      throw new MalformedInputError(`zstd block at byte ${end} is of type ${type} and ${size} bytes`)
    }
    isLast = (header & 1) === 1
    end += 3 + (type === RLE ? 1 : size)
    outputBytesMin += type === COMPRESSED ? 0 : size
    outputBytesMax += type === COMPRESSED ? blockBytesMax : size
  }
  return { end, outputBytesMin, outputBytesMax }
}

/** A whole number of up to 4 bytes, little-endian. */
function readLE(input: Buffer, position: number, sizeBytes: number): number {
  if (position + sizeBytes > input.length) throw truncated(input)
  return sizeBytes === 0 ? 0 : input.readUIntLE(position, sizeBytes)
}

function truncated(input: Buffer): MalformedInputError {
  return new MalformedInputError(`zstd data ends at byte ${input.length}, inside a frame`)
}

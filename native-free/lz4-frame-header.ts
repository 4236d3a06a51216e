import { MalformedInputError } from './errors.ts'
import { xxhash32 } from './xxhash32.ts'

// The frame descriptor of the LZ4 frame format, version 1:
//   magic u32 LE, FLG u8, BD u8, [content size u64 LE], [dictionary id u32 LE], header checksum u8

const MAGIC = 0x184d2204

/**
 * What Kafka writes: magic, version 1 with independent blocks and no checksums (0x60), blocks of 64 KiB (0x40), and
 * the checksum of those two bytes, which thus is a constant too.
 */
export const KAFKA_LZ4_HEADER: Uint8Array = Buffer.from('04224d18604082', 'hex')

const VERSION_MASK = 0xc0
const VERSION_1 = 0x40
const BLOCK_INDEPENDENCE = 0x20
const BLOCK_CHECKSUM = 0x10
const CONTENT_SIZE = 0x08
const CONTENT_CHECKSUM = 0x04
const FLG_RESERVED = 0x02
const DICTIONARY_ID = 0x01

const BD_RESERVED = 0x8f

/** What the reader of the blocks needs to know. Sizes in bytes. */
export interface Lz4FrameHeader {
  /** The most a block holds, compressed or not. */
  readonly blockBytesMax: number
  readonly hasBlockChecksums: boolean
  readonly hasContentChecksum: boolean
  /** -1 when the frame does not tell. */
  readonly contentBytes: number
  /** Position of the first block. */
  readonly end: number
}

/** Reads the header at `position`. Throws {@link MalformedInputError} for all that Kafka does not read. */
export function readLz4FrameHeader(
  input: Buffer,
  position: number,
  brokenHeaderChecksum: boolean,
): Lz4FrameHeader {
  if (input.length - position < 7) {
    throw new MalformedInputError(`lz4 frame ends at byte ${input.length}, inside its header`)
  }
  if (input.readUInt32LE(position) !== MAGIC)
    throw new MalformedInputError(`no lz4 frame begins at byte ${position}`)
  const flg = input.readUInt8(position + 4)
  const blockBytesMax = checkDescriptor(flg, input.readUInt8(position + 5))
  const hasContentSize = (flg & CONTENT_SIZE) !== 0
  const checksumAt = position + (hasContentSize ? 14 : 6)
  if (checksumAt >= input.length) {
    throw new MalformedInputError(`lz4 frame ends at byte ${input.length}, inside its header`)
  }
  checkHeaderChecksum(input, position, checksumAt, brokenHeaderChecksum)
  return {
    blockBytesMax,
    hasBlockChecksums: (flg & BLOCK_CHECKSUM) !== 0,
    hasContentChecksum: (flg & CONTENT_CHECKSUM) !== 0,
    contentBytes: hasContentSize ? Number(input.readBigUInt64LE(position + 6)) : -1,
    end: checksumAt + 1,
  }
}

/** Refuses what we do not read and returns the size of the largest block: codes 4 to 7 are 64 KiB to 4 MiB. */
function checkDescriptor(flg: number, bd: number): number {
  const refusal = refusedFeature(flg, bd)
  if (refusal !== undefined) throw new MalformedInputError(`lz4 frame ${refusal}`)
  return 1 << (8 + 2 * (bd >> 4))
}

function refusedFeature(flg: number, bd: number): string | undefined {
  if ((flg & VERSION_MASK) !== VERSION_1) return `of version ${flg >> 6}: only version 1 exists`
  if ((flg & BLOCK_INDEPENDENCE) === 0)
    return 'with blocks that depend on earlier ones: Kafka does not read them'
  if ((flg & DICTIONARY_ID) !== 0) return 'with a dictionary: Kafka does not read it'
  if ((flg & FLG_RESERVED) !== 0 || (bd & BD_RESERVED) !== 0) return 'with reserved bits set'
  if (bd >> 4 < 4) return `with block size code ${bd >> 4}: only 4 to 7 exist`
  return undefined
}

/** The second byte of the xxHash32 of the descriptor; of old producers also of magic and descriptor. */
function checkHeaderChecksum(input: Buffer, start: number, checksumAt: number, allowBroken: boolean): void {
  const checksumFrom = (from: number): number => (xxhash32(input.subarray(from, checksumAt)) >> 8) & 0xff
  const expected = input.readUInt8(checksumAt)
  if (checksumFrom(start + 4) === expected) return
  if (allowBroken && checksumFrom(start) === expected) return
  throw new MalformedInputError(`lz4 frame at byte ${start} fails the checksum of its header`)
}

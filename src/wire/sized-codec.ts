import type { Codec, Edition } from './codec.ts'
import { noBytes } from './default-value.ts'
import type { Reader } from './reader.ts'
import { WireFault } from './wire-fault.ts'
import type { Writer } from './writer.ts'

/**
 * How a size or count in front of text, bytes or elements is written. Flexible versions (KIP-482) use an unsigned
 * varint, one more than the size, and 0 for null; others an integer of the type's own, -1 for null.
 */
export interface SizePrefix {
  readonly minBytes: number
  /** Yields -1 for null, where null is allowed. */
  read(reader: Reader): number
  write(writer: Writer, size: number): void
  writeNull(writer: Writer): void
}

const shortSizeMax = 0x7fff

const compactPrefix: SizePrefix = {
  minBytes: 1,
  read: (reader) => reader.readSize() - 1,
  write: (writer, size) => writer.writeSize(size + 1),
  writeNull: (writer) => writer.writeSize(0),
}

const shortPrefix: SizePrefix = {
  minBytes: 2,
  read: (reader) => reader.readInt16(),
  write: (writer, size) => {
    if (size > shortSizeMax) throw new WireFault(`takes ${size} bytes, more than ${shortSizeMax}`)
    writer.writeInt16(size)
  },
  writeNull: (writer) => writer.writeInt16(-1),
}

const longPrefix: SizePrefix = {
  minBytes: 4,
  read: (reader) => reader.readInt32(),
  write: (writer, size) => writer.writeInt32(size),
  writeNull: (writer) => writer.writeInt32(-1),
}

/** Text behind its size. */
export function textCodec({ isFlexible }: Edition, isNullable: boolean): Codec {
  const prefix = isFlexible ? compactPrefix : shortPrefix
  return {
    minBytes: prefix.minBytes,
    heapBytes: 0,
    read: (reader) => {
      const size = prefix.read(reader)
      return size < 0 ? readNull(size, isNullable) : reader.readText(size)
    },
    write: (writer, value) => {
      if (typeof value === 'string') {
        const size = Buffer.byteLength(value)
        prefix.write(writer, size)
        writer.writeText(value, size)
      } else writeNull(prefix, writer, value, isNullable, 'a string')
    },
  }
}

/** Bytes behind their size. */
export function bytesCodec({ isFlexible }: Edition, isNullable: boolean): Codec {
  const prefix = isFlexible ? compactPrefix : longPrefix
  return {
    minBytes: prefix.minBytes,
    heapBytes: 0,
    read: (reader) => {
      const size = prefix.read(reader)
      if (size === 0) return noBytes
      return size < 0 ? readNull(size, isNullable) : reader.readSlice(size)
    },
    write: (writer, value) => {
      if (Buffer.isBuffer(value)) {
        prefix.write(writer, value.length)
        writer.writeSlice(value)
      } else writeNull(prefix, writer, value, isNullable, 'a Buffer')
    },
  }
}

/** How an array says how many elements it has. */
export function countPrefix({ isFlexible }: Edition): SizePrefix {
  return isFlexible ? compactPrefix : longPrefix
}

/** The value that the size `size`, below 0, stands for. */
export function readNull(size: number, isNullable: boolean): null {
  if (size < -1) throw new WireFault(`has the size ${size}`)
  if (!isNullable) throw new WireFault('is null, which this version does not allow')
  return null
}

/** Writes `value`, which is not what the type wants: null where that is allowed, refused otherwise. */
export function writeNull(
  prefix: SizePrefix,
  writer: Writer,
  value: unknown,
  isNullable: boolean,
  wanted: string,
): void {
  if (value !== null) throw new WireFault(`must be ${wanted}, got ${typeof value}`)
  if (!isNullable) throw new WireFault('must not be null in this version')
  prefix.writeNull(writer)
}

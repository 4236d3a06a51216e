import type { Codec } from './codec.ts'
import type { ScalarKind } from './field.ts'
import { numberBytes, textBytes } from './heap-bytes.ts'
import { uuidBytes, uuidTextLength } from './uuid.ts'

/** The types of one size, in any version. What `write` gets is checked by the writer. */
export const fixedCodecs = {
  bool: {
    minBytes: 1,
    heapBytes: 0,
    read: (reader) => reader.readBool(),
    write: (writer, value) => writer.writeBool(value as boolean),
  },
  int8: {
    minBytes: 1,
    heapBytes: 0,
    read: (reader) => reader.readInt8(),
    write: (writer, value) => writer.writeInt8(value as number),
  },
  int16: {
    minBytes: 2,
    heapBytes: 0,
    read: (reader) => reader.readInt16(),
    write: (writer, value) => writer.writeInt16(value as number),
  },
  uint16: {
    minBytes: 2,
    heapBytes: 0,
    read: (reader) => reader.readUint16(),
    write: (writer, value) => writer.writeUint16(value as number),
  },
  int32: {
    minBytes: 4,
    heapBytes: 0,
    read: (reader) => reader.readInt32(),
    write: (writer, value) => writer.writeInt32(value as number),
  },
  int64: {
    minBytes: 8,
    heapBytes: numberBytes,
    read: (reader) => reader.readInt64(),
    write: (writer, value) => writer.writeInt64(value as number),
  },
  float64: {
    minBytes: 8,
    heapBytes: numberBytes,
    read: (reader) => reader.readFloat64(),
    write: (writer, value) => writer.writeFloat64(value as number),
  },
  uuid: {
    minBytes: uuidBytes,
    heapBytes: textBytes(uuidTextLength, 1),
    read: (reader) => reader.readUuid(),
    write: (writer, value) => writer.writeUuid(value as string),
  },
} satisfies Partial<Record<ScalarKind, Codec>>

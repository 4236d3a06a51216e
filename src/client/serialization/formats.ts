import { SerializationError } from '../../base/errors.ts'
import { isSafeInt64, readInt64, writeInt64 } from '../../base/int64.ts'
import type { Bytes } from '../../batch/record-input.ts'
import type { SerializationContext } from './serializer.ts'

/** A way to write keys and values, and to read them again. */
interface Format {
  readonly serialize: (value: unknown, context: SerializationContext) => Bytes | null
  readonly deserialize: (bytes: Buffer, context: SerializationContext) => unknown
}

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const int32Min = -(2 ** 31)
const int32Max = 2 ** 31 - 1

/**
 * The formats that go by a name. All but `json` are byte for byte those of Kafka's own serializers
 * (`org.apache.kafka.common.serialization`), for other clients to read.
 */
const formats = {
  /** As they are: `Uint8Array` or string in, `Buffer` out. */
  bytes: {
    serialize(value, context) {
      if (typeof value === 'string' || value instanceof Uint8Array) return value
      throw unfit(context, 'a string or Uint8Array', value)
    },
    deserialize: (bytes) => bytes,
  },
  /** Text in UTF-8. */
  string: {
    serialize(value, context) {
      if (typeof value === 'string') return value
      throw unfit(context, 'a string', value)
    },
    deserialize: (bytes) => bytes.toString('utf8'),
  },
  /** JSON in UTF-8. */
  json: {
    serialize(value, context) {
      const text: string | undefined = JSON.stringify(value)
      if (text !== undefined) return text
      throw unfit(context, 'something that JSON can hold', value)
    },
    deserialize(bytes, context) {
      try {
        return JSON.parse(bytes.toString('utf8'))
      } catch (cause) {
        throw new SerializationError(`${placeOf(context)} is no JSON`, { cause })
      }
    },
  },
  /** 4 bytes, big-endian. */
  int32: {
    serialize(value, context) {
      if (typeof value !== 'number' || !Number.isInteger(value) || value < int32Min || value > int32Max)
        throw unfit(context, 'an integer of 32 bits', value)
      const bytes = Buffer.allocUnsafe(4)
      bytes.writeInt32BE(value)
      return bytes
    },
    deserialize: (bytes, context) => sized(bytes, 4, context).readInt32BE(),
  },
  /** 8 bytes, big-endian. Numbers beyond 2^53 are refused, not rounded. */
  int64: {
    serialize(value, context) {
      if (typeof value !== 'number' || !Number.isSafeInteger(value))
        throw unfit(context, 'an integer within 2^53', value)
      const bytes = Buffer.allocUnsafe(8)
      writeInt64(bytes, value, 0, context.part)
      return bytes
    },
    deserialize(bytes, context) {
      if (isSafeInt64(sized(bytes, 8, context), 0)) return readInt64(bytes, 0, context.part)
      throw new SerializationError(`${placeOf(context)} is ${bytes.readBigInt64BE()}, beyond 2^53`)
    },
  },
  /** 8 bytes, IEEE 754, big-endian. */
  double: {
    serialize(value, context) {
      if (typeof value !== 'number') throw unfit(context, 'a number', value)
      const bytes = Buffer.allocUnsafe(8)
      bytes.writeDoubleBE(value)
      return bytes
    },
    deserialize: (bytes, context) => sized(bytes, 8, context).readDoubleBE(),
  },
  /** The 36 characters of a UUID. */
  uuid: {
    serialize(value, context) {
      if (typeof value === 'string' && uuidPattern.test(value)) return value
      throw unfit(context, 'a UUID such as 123e4567-e89b-12d3-a456-426614174000', value)
    },
    deserialize(bytes, context) {
      const text = bytes.toString('latin1')
      if (uuidPattern.test(text)) return text
      throw new SerializationError(`${placeOf(context)} is no UUID`)
    },
  },
} as const satisfies Readonly<Record<string, Format>>

/** A format by its name. */
export type FormatName = keyof typeof formats

/** What each format writes. */
interface WrittenBy {
  readonly bytes: Bytes
  readonly string: string
  readonly json: unknown
  readonly int32: number
  readonly int64: number
  readonly double: number
  readonly uuid: string
}

/** What each format reads. `never` stands for what its user says it is: nobody else knows what is in a JSON text. */
interface ReadBy {
  readonly bytes: Buffer
  readonly string: string
  readonly json: never
  readonly int32: number
  readonly int64: number
  readonly double: number
  readonly uuid: string
}

/** The formats that write what is a `T`. */
export type FormatWriting<T> = { [N in FormatName]: T extends WrittenBy[N] ? N : never }[FormatName]

/** The formats that read what is a `T`. */
export type FormatReading<T> = { [N in FormatName]: ReadBy[N] extends T ? N : never }[FormatName]

/** All there are. */
export const formatNames = Object.keys(formats) as FormatName[]

/** The format of that name, if there is one. */
export function formatOf(name: string): Format | undefined {
  return Object.hasOwn(formats, name) ? formats[name as FormatName] : undefined
}

function sized(bytes: Buffer, sizeBytes: number, context: SerializationContext): Buffer {
  if (bytes.length === sizeBytes) return bytes
  throw new SerializationError(`${placeOf(context)} takes ${bytes.length} bytes, not ${sizeBytes}`)
}

function unfit(context: SerializationContext, expected: string, value: unknown): TypeError {
  const shown = typeof value === 'number' || typeof value === 'string' ? JSON.stringify(value) : typeof value
  return new TypeError(`${placeOf(context)} must be ${expected}, got ${shown}`)
}

function placeOf({ topic, part }: SerializationContext): string {
  return `the ${part} of a record of '${topic}'`
}

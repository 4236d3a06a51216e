import type { Codec, Edition } from './codec.ts'
import { noElements } from './default-value.ts'
import type { AnyField, Fields, WireType } from './field.ts'
import { arrayBytes, slotBytes } from './heap-bytes.ts'
import { fixedCodecs } from './scalar-codec.ts'
import { bytesCodec, countPrefix, readNull, textCodec, writeNull } from './sized-codec.ts'
import { nullableStructCodec, structCodec } from './struct-codec.ts'
import { within } from './wire-fault.ts'

/** The codec of `field` in a version that has it. */
function fieldCodec(field: AnyField, edition: Edition): Codec {
  const isNullable = edition.version >= field.traits.nullableSinceVersion
  return isNullable && field.type.kind === 'struct'
    ? nullableStructCodec(fieldsCodec(field.type.fields, edition), field.traits.tag !== undefined)
    : typeCodec(field.type, edition, isNullable)
}

/** The codec of a struct that has `fields`, or of a whole message. */
export function fieldsCodec(fields: Fields, edition: Edition): Codec {
  return structCodec(fields, edition, (field) => fieldCodec(field, edition))
}

function typeCodec(type: WireType, edition: Edition, isNullable: boolean): Codec {
  switch (type.kind) {
    case 'string':
      return textCodec(edition, isNullable)
    case 'bytes':
    case 'records':
      return bytesCodec(edition, isNullable)
    case 'array':
      return arrayCodec(typeCodec(type.element, edition, false), edition, isNullable)
    case 'struct':
      return fieldsCodec(type.fields, edition)
    default:
      return fixedCodecs[type.kind]
  }
}

/** Elements behind their count. */
function arrayCodec(element: Codec, edition: Edition, isNullable: boolean): Codec {
  const prefix = countPrefix(edition)
  // A struct without fields takes no bytes; still no count is believed that the frame has no bytes for.
  const elementBytes = Math.max(1, element.minBytes)
  const elementHeapBytes = slotBytes + element.heapBytes
  return {
    minBytes: prefix.minBytes,
    heapBytes: 0,
    read: (reader) => {
      const count = prefix.read(reader)
      if (count < 0) return readNull(count, isNullable)
      if (count === 0) return noElements
      reader.checkCount(count, elementBytes)
      reader.countHeapBytes(arrayBytes + count * elementHeapBytes)
      // oxlint-disable-next-line unicorn/no-new-array -- of the exact size, where one that grows takes up to half more
      const values = new Array<unknown>(count)
      let index = 0
      try {
        for (; index < count; index++) values[index] = element.read(reader)
      } catch (error) {
        throw within(error, `[${index}]`)
      }
      return values
    },
    write: (writer, values) => {
      if (!Array.isArray(values)) return writeNull(prefix, writer, values, isNullable, 'an array')
      prefix.write(writer, values.length)
      let index = 0
      try {
        for (; index < values.length; index++) element.write(writer, values[index])
      } catch (error) {
        throw within(error, `[${index}]`)
      }
    },
  }
}

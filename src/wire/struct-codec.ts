import type { Codec, Edition } from './codec.ts'
import { defaultValuesOf, isObject } from './default-value.ts'
import type { AnyField, Fields } from './field.ts'
import { leftOutCheck } from './left-out.ts'
import { membersOf } from './member.ts'
import { tagSection } from './tag-section.ts'
import { WireFault, within } from './wire-fault.ts'

/**
 * The codec of a struct in one version: one step for each field that the version has, in order, then the tagged
 * fields if it is flexible. `codecOf` makes the codecs of the fields. What the versions say is decided here, once, and
 * not while bytes are read.
 */
export function structCodec(
  fields: Fields,
  { version, isFlexible }: Edition,
  codecOf: (field: AnyField) => Codec,
): Codec {
  const { inOrder: members, tagged } = membersOf(fields, version, codecOf)
  const checkLeftOut = leftOutCheck(fields, version)
  const tags = isFlexible ? tagSection(tagged) : undefined
  // Every decoded struct starts as a copy of this: all fields in declared order, and so one hidden class.
  const blank = defaultValuesOf(fields)
  const minBytes = members.reduce((sum, { codec }) => sum + codec.minBytes, tags === undefined ? 0 : 1)
  return {
    minBytes,
    read: (reader) => {
      const value = { ...blank }
      let name = ''
      try {
        for (const member of members) {
          name = member.name
          value[name] = member.codec.read(reader)
        }
      } catch (error) {
        throw within(error, name)
      }
      tags?.read(reader, value)
      return value
    },
    write: (writer, value) => {
      if (!isObject(value)) throw new WireFault(`must be an object, got ${String(value)}`)
      checkLeftOut(value)
      let name = ''
      try {
        for (const member of members) {
          name = member.name
          const given = value[name]
          member.codec.write(writer, given === undefined ? member.defaultValue : given)
        }
      } catch (error) {
        throw within(error, name)
      }
      tags?.write(writer, value)
    },
  }
}

/**
 * A struct behind one byte that says whether it is there: 1, or for null -1, but 0 in a tagged field. Kafka writes the
 * byte of a tagged field as an unsigned varint.
 */
export function nullableStructCodec(inner: Codec, isTagged: boolean): Codec {
  const highestNull = isTagged ? 0 : -1
  return {
    minBytes: 1,
    read: (reader) => (reader.readInt8() <= highestNull ? null : inner.read(reader)),
    write: (writer, value) => {
      writer.writeInt8(value === null ? highestNull : 1)
      if (value !== null) inner.write(writer, value)
    },
  }
}

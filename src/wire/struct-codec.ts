import { blankStructs } from './blank-struct.ts'
import type { Codec, Edition } from './codec.ts'
import { defaultValueOf, isObject } from './default-value.ts'
import type { AnyField, Fields } from './field.ts'
import { bytesOfNumber, structBytes } from './heap-bytes.ts'
import { leftOutCheck } from './left-out.ts'
import { type Member, membersOf } from './member.ts'
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
  const Blank = blankStructs()
  const steps = readSteps(fields, members)
  const minBytes = members.reduce((sum, { codec }) => sum + codec.minBytes, tags === undefined ? 0 : 1)
  const heapBytes = steps.reduce((sum, step) => sum + valueBytes(step), structBytes(steps.length))
  return {
    minBytes,
    heapBytes,
    read: (reader) => {
      const value = new Blank()
      let name = ''
      try {
        for (const { name: next, codec, defaultValue } of steps) {
          name = next
          value[name] = codec === undefined ? defaultValue : codec.read(reader)
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

/** A field as it is read: out of the frame or, where the frame does not have it in order, its default. */
interface ReadStep {
  readonly name: string
  readonly codec: Codec | undefined
  readonly defaultValue: unknown
}

/** A step for each of `fields`, in declared order, so that all structs of a declaration have one hidden class. */
function readSteps(fields: Fields, members: readonly Member[]): ReadStep[] {
  const codecs = new Map(members.map(({ name, codec }) => [name, codec]))
  return Object.entries(fields).map(([name, field]) => {
    return { name, codec: codecs.get(name), defaultValue: defaultValueOf(field) }
  })
}

/** What the type says that the value of a field takes. Defaults are shared, but for numbers. */
function valueBytes({ codec, defaultValue }: ReadStep): number {
  if (codec !== undefined) return codec.heapBytes
  return typeof defaultValue === 'number' ? bytesOfNumber(defaultValue) : 0
}

/**
 * A struct behind one byte that says whether it is there: 1, or for null -1, but 0 in a tagged field. Kafka writes the
 * byte of a tagged field as an unsigned varint.
 */
export function nullableStructCodec(inner: Codec, isTagged: boolean): Codec {
  const highestNull = isTagged ? 0 : -1
  return {
    minBytes: 1,
    heapBytes: 0,
    read: (reader) => {
      if (reader.readInt8() <= highestNull) return null
      reader.countHeapBytes(inner.heapBytes)
      return inner.read(reader)
    },
    write: (writer, value) => {
      writer.writeInt8(value === null ? highestNull : 1)
      if (value !== null) inner.write(writer, value)
    },
  }
}

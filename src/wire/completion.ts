import { blankStructs } from './blank-struct.ts'
import type { Edition } from './codec.ts'
import { defaultValueOf, isObject } from './default-value.ts'
import type { AnyField, Fields, ScalarKind, WireType } from './field.ts'
import { leftOutCheck } from './left-out.ts'
import { fixedCodecs } from './scalar-codec.ts'
import { WireFault, within } from './wire-fault.ts'
import { Writer } from './writer.ts'

/** What becomes of the record batches of a message that is completed. */
export type KeepRecords = (records: Buffer) => Buffer

/** What decoding would yield for `value` once it was encoded, without encoding it. */
export type Completion = (value: unknown, keepRecords: KeepRecords) => unknown

/** Numbers are held against their types by writing them where nobody reads. It is cleared with each of them. */
const nowhere = new Writer(16)

/**
 * Completes messages that have `fields`, or structs in them: what the input leaves out has its default, and so has what the
 * version lacks. A value that has no form in the version is refused with a {@link WireFault}, as encoding it would be.
 */
export function completionOf(fields: Fields, edition: Edition): Completion {
  const Blank = blankStructs()
  const steps = Object.entries(fields).map(([name, field]) => {
    const complete = field.isIn(edition.version) ? ofField(field, edition) : undefined
    return { name, complete, standard: defaultValueOf(field) }
  })
  const checkLeftOut = leftOutCheck(fields, edition.version)
  return (value, keepRecords) => {
    if (!isObject(value)) throw new WireFault(`must be an object, got ${String(value)}`)
    checkLeftOut(value)
    const completed = new Blank()
    let name = ''
    try {
      for (const { name: next, complete, standard } of steps) {
        name = next
        const given = value[next]
        // The default of some is no value that could be sent.
        const isAbsent = complete === undefined || given === undefined || Object.is(given, standard)
        completed[next] = isAbsent ? standard : complete(given, keepRecords)
      }
    } catch (error) {
      throw within(error, name)
    }
    return completed
  }
}

function ofField({ type, traits }: AnyField, edition: Edition): Completion {
  const complete = ofType(type, edition)
  const isNullable = edition.version >= traits.nullableSinceVersion
  return isNullable
    ? (value, keepRecords) => (value === null ? null : complete(value, keepRecords))
    : complete
}

function ofType(type: WireType, edition: Edition): Completion {
  switch (type.kind) {
    case 'struct':
      return completionOf(type.fields, edition)
    case 'array':
      return ofArray(ofType(type.element, edition))
    case 'string':
      return (value) => (typeof value === 'string' ? value : refuse('a string', value))
    case 'bytes':
      return (value) => (Buffer.isBuffer(value) ? value : refuse('a Buffer', value))
    case 'records':
      return (value, keepRecords) => (Buffer.isBuffer(value) ? keepRecords(value) : refuse('a Buffer', value))
    default:
      return ofFixed(type.kind)
  }
}

function ofArray(complete: Completion): Completion {
  return (values, keepRecords) => {
    if (!Array.isArray(values)) return refuse('an array', values)
    let index = 0
    try {
      return values.map((value, at) => {
        index = at
        return complete(value, keepRecords)
      })
    } catch (error) {
      throw within(error, `[${index}]`)
    }
  }
}

function ofFixed(kind: Exclude<ScalarKind, 'string' | 'bytes' | 'records'>): Completion {
  const { write } = fixedCodecs[kind]
  return (value) => {
    write(nowhere, value)
    nowhere.clear()
    return value
  }
}

function refuse(wanted: string, got: unknown): never {
  throw new WireFault(
    got === null ? 'must not be null in this version' : `must be ${wanted}, got ${typeof got}`,
  )
}

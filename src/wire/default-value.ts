import type { AnyField, Fields, WireType } from './field.ts'
import { zeroUuid } from './uuid.ts'

/** Above every int64: the default of fields for which Kafka's is the largest int64, and means no limit. Never sent. */
export const unlimited = 2 ** 63

/** All bytes fields without bytes. */
export const noBytes = Buffer.alloc(0)
/** Every array without elements, frozen since all share it. */
export const noElements: readonly unknown[] = Object.freeze([])

/** The value of `field` where it is absent. Arrays and structs are frozen, for all who decode share them. */
export function defaultValueOf(field: AnyField): unknown {
  return field.traits.defaultValue === undefined ? emptyValueOf(field.type) : field.traits.defaultValue
}

/** The values of all `fields` where they are absent, by name. */
export function defaultValuesOf(fields: Fields): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, defaultValueOf(field)]))
}

function emptyValueOf(type: WireType): unknown {
  switch (type.kind) {
    case 'bool':
      return false
    case 'string':
      return ''
    case 'uuid':
      return zeroUuid
    case 'bytes':
    case 'records':
      return noBytes
    case 'array':
      return noElements
    case 'struct':
      return Object.freeze(defaultValuesOf(type.fields))
    default:
      return 0
  }
}

/** Tells whether a value of `field` is the one that it has when absent. */
export function defaultTest(field: AnyField): (value: unknown) => boolean {
  const expected = defaultValueOf(field)
  if (expected === null) return (value) => value === null
  switch (field.type.kind) {
    case 'array':
    case 'bytes':
    case 'records':
      return (value) => isEmpty(value)
    case 'struct':
      return structDefaultTest(field.type.fields)
    default:
      return (value) => value === expected
  }
}

function structDefaultTest(fields: Fields): (value: unknown) => boolean {
  const tests = Object.entries(fields).map(([name, field]) => [name, defaultTest(field)] as const)
  return (value) =>
    isObject(value) && tests.every(([name, test]) => value[name] === undefined || test(value[name]))
}

function isEmpty(value: unknown): boolean {
  return value !== null && typeof value === 'object' && 'length' in value && value.length === 0
}

/** Whether `value` can be a struct. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

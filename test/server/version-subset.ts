import type { Fields, WireType } from '../../src/wire/field.ts'

/** What `version` of a message with these fields has of `value`: those fields of it that it lacks are left out. */
export function versionSubset(
  fields: Fields,
  version: number,
  value: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields)
      .filter(([name, field]) => name in value && field.isIn(version))
      .map(([name, { type }]) => [name, subset(type, version, value[name])]),
  )
}

function subset(type: WireType, version: number, value: unknown): unknown {
  if (type.kind === 'array' && Array.isArray(value))
    return value.map((element) => subset(type.element, version, element))
  return type.kind === 'struct' && value !== null
    ? versionSubset(type.fields, version, value as Readonly<Record<string, unknown>>)
    : value
}

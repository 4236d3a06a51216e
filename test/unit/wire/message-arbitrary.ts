import * as fc from 'fast-check'
import type { AnyMessage } from '../../../src/wire/api-keys.ts'
import { defaultValueOf } from '../../../src/wire/default-value.ts'
import type { AnyField, Fields, ScalarKind, WireType } from '../../../src/wire/field.ts'

/** Any value that `version` of `message` can carry: fields that it lacks have their default. */
export function messageArbitrary(message: AnyMessage, version: number): fc.Arbitrary<unknown> {
  return structArbitrary(message.fields, version, 0)
}

function structArbitrary(fields: Fields, version: number, depth: number): fc.Arbitrary<unknown> {
  const entries = Object.entries(fields).map(([name, field]) => [name, fieldArbitrary(field, version, depth)])
  return fc.record(Object.fromEntries(entries) as Record<string, fc.Arbitrary<unknown>>, {
    noNullPrototype: true,
  })
}

function fieldArbitrary(field: AnyField, version: number, depth: number): fc.Arbitrary<unknown> {
  const standard = fc.constant(defaultValueOf(field))
  if (!field.isIn(version)) return standard
  const any = typeArbitrary(field.type, version, depth)
  const options = [{ arbitrary: any, weight: 4 }]
  if (field.traits.tag !== undefined) options.push({ arbitrary: standard, weight: 2 })
  if (version >= field.traits.nullableSinceVersion) options.push({ arbitrary: fc.constant(null), weight: 1 })
  return options.length === 1 ? any : fc.oneof(...options)
}

function typeArbitrary(type: WireType, version: number, depth: number): fc.Arbitrary<unknown> {
  switch (type.kind) {
    case 'array':
      return fc.array(typeArbitrary(type.element, version, depth + 1), { maxLength: depth > 1 ? 2 : 3 })
    case 'struct':
      return structArbitrary(type.fields, version, depth + 1)
    default:
      return scalars[type.kind]
  }
}

/** Now and then beyond the 127 bytes that a compact size of one byte can say, and the 1 KiB that are not copied. */
const someBytes = fc
  .oneof(
    { arbitrary: fc.uint8Array({ maxLength: 20 }), weight: 8 },
    { arbitrary: fc.uint8Array({ minLength: 126, maxLength: 129 }), weight: 1 },
    { arbitrary: fc.uint8Array({ minLength: 1022, maxLength: 1100 }), weight: 1 },
  )
  .map((bytes) => Buffer.from(bytes))

const scalars: Readonly<Record<ScalarKind, fc.Arbitrary<unknown>>> = {
  bool: fc.boolean(),
  int8: fc.integer({ min: -0x80, max: 0x7f }),
  int16: fc.integer({ min: -0x8000, max: 0x7fff }),
  uint16: fc.integer({ min: 0, max: 0xffff }),
  int32: fc.integer(),
  int64: fc.maxSafeInteger(),
  float64: fc.double({ noNaN: true }),
  uuid: fc
    .uint8Array({ minLength: 16, maxLength: 16 })
    .map((bytes) => Buffer.from(bytes).toString('base64url')),
  string: fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ minLength: 120, maxLength: 130 })),
  bytes: someBytes,
  records: someBytes,
}

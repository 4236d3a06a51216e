import { defaultValueOf } from '../../../src/wire/default-value.ts'
import type { AnyField, Fields, WireType } from '../../../src/wire/field.ts'

/**
 * What Kafka's JSON converters write of messages, made into what the codec works on: bytes are base64 there, fields that
 * the version lacks and tagged fields that have their default are not there at all, and record batches always look
 * empty, so that they are taken from the decoded value.
 */

type Struct = Readonly<Record<string, unknown>>

/** The value that decoding should yield. `decoded` is the one that it did yield. */
export function fromKafkaJson(fields: Fields, json: unknown, decoded: unknown): Struct {
  const given = json as Struct
  const unknown = Object.keys(given).filter((name) => !(name in fields))
  if (unknown.length > 0) throw new Error(`fields that are not declared: ${unknown.join(', ')}`)
  const entries = Object.entries(fields).map(([name, field]) => {
    const value = fieldValue(field, given[name], (decoded as Struct)[name], fromKafkaJson)
    return [name, value] as const
  })
  return Object.fromEntries(entries)
}

/** The same with no more fields than Kafka's JSON has: the shortest input to be encoded. */
export function inputFromKafkaJson(fields: Fields, json: unknown, decoded: unknown): Struct {
  return Object.fromEntries(
    Object.entries(fields)
      .filter(([name]) => name in (json as Struct))
      .map(([name, field]) => {
        const value = (json as Struct)[name]
        return [name, fieldValue(field, value, (decoded as Struct)[name], inputFromKafkaJson)] as const
      }),
  )
}

function fieldValue(
  field: AnyField,
  json: unknown,
  decoded: unknown,
  ofStruct: typeof fromKafkaJson,
): unknown {
  if (json === undefined) return defaultValueOf(field)
  return json === null ? null : typeValue(field.type, json, decoded, ofStruct)
}

function typeValue(type: WireType, json: unknown, decoded: unknown, ofStruct: typeof fromKafkaJson): unknown {
  switch (type.kind) {
    case 'array':
      return (json as unknown[]).map((each, index) =>
        typeValue(type.element, each, (decoded as unknown[])[index], ofStruct),
      )
    case 'struct':
      return ofStruct(type.fields, json, decoded)
    case 'bytes':
      return Buffer.from(json as string, 'base64')
    case 'records':
      return decoded
    default:
      return json
  }
}

import { describe, expect, test } from 'vitest'
import { SerializationError } from '../../../../src/base/errors.ts'
import type { FormatName } from '../../../../src/client/serialization/formats.ts'
import {
  type DeserializerOption,
  resolveDeserializer,
  resolveSerializer,
  type SerializerOption,
} from '../../../../src/client/serialization/serializer.ts'

const context = { topic: 'orders', part: 'value' } as const

function write(format: FormatName | undefined, value: unknown): Buffer {
  // What does not fit is what the formats are to refuse.
  const option = format as SerializerOption<unknown> | undefined
  return Buffer.from(resolveSerializer(option, 'value')(value, context) as Buffer)
}

function read(format: FormatName | undefined, bytes: Buffer): unknown {
  return resolveDeserializer<unknown>(format, 'value')(bytes, context)
}

describe('formats', () => {
  // The bytes of Kafka's own serializers.
  test.each([
    ['string', 'grüße', Buffer.from('grüße').toString('hex')],
    ['int32', -2, 'fffffffe'],
    ['int64', 2 ** 40 + 1, '0000010000000001'],
    ['int64', -1, 'ffffffffffffffff'],
    ['double', 1.5, '3ff8000000000000'],
    [
      'uuid',
      '123e4567-e89b-12d3-a456-426614174000',
      Buffer.from('123e4567-e89b-12d3-a456-426614174000').toString('hex'),
    ],
    ['json', { a: [1, null] }, Buffer.from('{"a":[1,null]}').toString('hex')],
  ] as const)('%s writes and reads %s', (format, value, hex) => {
    expect(write(format, value).toString('hex')).toBe(hex)
    expect(read(format, Buffer.from(hex, 'hex'))).toEqual(value)
  })

  test('bytes, the default, leaves things as they are', () => {
    const bytes = Buffer.from([0, 255])
    expect(resolveSerializer<unknown>(undefined, 'value')(bytes, context)).toBe(bytes)
    expect(resolveDeserializer<unknown>('bytes', 'value')(bytes, context)).toBe(bytes)
    expect(write('bytes', 'text').toString()).toBe('text')
  })

  test.each([
    ['bytes', 3, "the value of a record of 'orders' must be a string or Uint8Array, got 3"],
    ['string', Buffer.alloc(1), 'must be a string, got object'],
    ['json', undefined, 'must be something that JSON can hold'],
    ['int32', 2 ** 31, 'must be an integer of 32 bits, got 2147483648'],
    ['int32', '3', 'must be an integer of 32 bits, got "3"'],
    ['int64', 2 ** 53, 'must be an integer within 2^53'],
    ['double', null, 'must be a number'],
    ['uuid', 'no-uuid', 'must be a UUID'],
  ] as const)('%s refuses %s', (format, value, message) => {
    expect(() => write(format, value)).toThrow(TypeError)
    expect(() => write(format, value)).toThrow(message)
  })

  test.each([
    ['json', '7b', 'is no JSON'],
    ['int32', '00', 'takes 1 bytes, not 4'],
    ['int64', '7fffffffffffffff', 'is 9223372036854775807, beyond 2^53'],
    ['double', '00', 'takes 1 bytes, not 8'],
    ['uuid', '00', 'is no UUID'],
  ] as const)('%s does not read %s', (format, hex, message) => {
    expect(() => read(format, Buffer.from(hex, 'hex'))).toThrow(SerializationError)
    expect(() => read(format, Buffer.from(hex, 'hex'))).toThrow(message)
  })
})

describe('options', () => {
  test('one for each topic, and one for the others', () => {
    const serialize = resolveSerializer<number>(
      { orders: 'int32', default: (value, { topic, part }) => `${topic} ${part} ${value}` },
      'key',
    )
    expect(serialize(1, context)).toEqual(Buffer.from([0, 0, 0, 1]))
    expect(serialize(1, { topic: 'others', part: 'key' })).toBe('others key 1')
    const mixed = resolveSerializer<number | string>({ orders: 'int32' }, 'key')
    expect(mixed('as is', { topic: 'x', part: 'key' })).toBe('as is')
  })

  test('a format must fit the type, as far as its name tells', () => {
    const fitting: readonly [DeserializerOption<Buffer>, DeserializerOption<number>] = ['json', 'int32']
    // @ts-expect-error: text is read, and a Buffer was wanted
    const unfitting: readonly DeserializerOption<Buffer>[] = ['string']
    // @ts-expect-error: numbers are given, and text is written
    const unwritable: readonly SerializerOption<number>[] = ['string']
    expect([...fitting, ...unfitting, ...unwritable]).toHaveLength(4)
  })

  test('what is none is refused by name', () => {
    expect(() => resolveSerializer('strnig' as never, 'key')).toThrow(
      "key must be a function, or one of 'bytes'",
    )
    expect(() => resolveSerializer('strnig' as never, 'key')).toThrow("Did you mean 'string'?")
    expect(() => resolveDeserializer({ orders: 7 as never }, 'value')).toThrow(
      'value["orders"] must be a function',
    )
    expect(() => resolveSerializer('toString' as never, 'key')).toThrow(TypeError)
  })
})

import { describe, expect, expectTypeOf, test } from 'vitest'
import { WireError } from '../../../src/base/errors.ts'
import { unlimited } from '../../../src/wire/default-value.ts'
import { array, bytes, int8, int16, int32, int64, string, struct, uuid } from '../../../src/wire/field.ts'
import { type Decoded, type Encodable, data } from '../../../src/wire/message.ts'
import { zeroUuid } from '../../../src/wire/uuid.ts'

/** One message with something of everything. Version 0 is plain, 1 has more fields, 2 and 3 are flexible. */
const order = data('Order', '0-3, flexible 2+', {
  id: int32(),
  note: string().nullable(1).default(''),
  customer: string().until(1),
  loyal: int8().since(1).ignorable().default(-1),
  lines: array({ item: string(), amount: int16().since(3).default(1) }),
  address: struct({ street: string(), doors: array(int32()) }).since(2),
  proof: bytes().nullable().since(1).default(null),
  limit: int64().since(3).tagged(1).ignorable().default(unlimited),
  origin: struct({ place: string(), at: int64() }).nullable().since(2).tagged(0).default(null),
  batchId: uuid().since(3).tagged(4),
})

const minimal = { id: 1, customer: 'me', lines: [] }

describe('the value of a message', () => {
  test('has every field that any version has, those that its version lacks with their defaults', () => {
    expect(order.at(0).decode(order.at(0).encode(minimal))).toEqual({
      id: 1,
      note: '',
      customer: 'me',
      loyal: -1,
      lines: [],
      address: { street: '', doors: [] },
      proof: null,
      limit: unlimited,
      origin: null,
      batchId: zeroUuid,
    })
  })

  test('has the fields in the order of the declaration', () => {
    const decoded = order
      .at(3)
      .decode(order.at(3).encode({ id: 1, lines: [], batchId: 'AQEBAQEBAQEBAQEBAQEBAQ' }))
    expect(Object.keys(decoded)).toEqual(Object.keys(order.fields))
  })

  test('shares its defaults, which therefore cannot be changed', () => {
    const decoded = order.at(0).decode(order.at(0).encode(minimal))
    expect(Object.isFrozen(decoded.address)).toBe(true)
    expect(Object.isFrozen(decoded.address.doors)).toBe(true)
    expect(Object.isFrozen(decoded.lines)).toBe(true)
  })

  test('has bytes that are slices of the frame', () => {
    const frame = order.at(1).encode({ ...minimal, proof: Buffer.from('abc') })
    const { proof } = order.at(1).decode(frame)
    frame.write('x', frame.indexOf('abc'))
    expect(proof?.toString()).toBe('xbc')
  })
})

describe('encoding', () => {
  test('takes the default of what is left out or undefined', () => {
    const left = order.at(3).encode({ id: 1, lines: [{ item: 'a' }], note: undefined })
    const given = order.at(3).encode({
      id: 1,
      lines: [{ item: 'a', amount: 1 }],
      note: '',
      loyal: -1,
      address: { street: '', doors: [] },
      proof: null,
      limit: unlimited,
      origin: null,
      batchId: zeroUuid,
    })
    expect(given).toEqual(left)
  })

  test('writes the tagged fields that are not their default by ascending tags', () => {
    const encoded = order.at(3).encode({ id: 1, lines: [], limit: 5, origin: { place: 'p', at: 2 } })
    const tags = '02 000c 01 0270 0000000000000002 00 0108 0000000000000005'.replaceAll(' ', '')
    expect(encoded.toString('hex').endsWith(tags)).toBe(true)
  })

  test.each([
    ['a value that the version lacks', 2, { ...minimal, id: 1 }, 'customer', /is not in this version/],
    [
      'a struct that it lacks',
      1,
      { ...minimal, address: { street: 's', doors: [] } },
      'address',
      /not in this/,
    ],
    [
      'an array in a struct that it lacks',
      1,
      { ...minimal, address: { street: '', doors: [1] } },
      'address',
      /not/,
    ],
    [
      'a tagged field that it lacks',
      1,
      { ...minimal, origin: { place: '', at: 0 } },
      'origin',
      /not in this/,
    ],
    [
      'null where the version has none',
      0,
      { ...minimal, note: null },
      'note',
      /must not be null in this version/,
    ],
    ['what is too large', 0, { ...minimal, id: 2 ** 31 }, 'id', /must be an int32, got 2147483648/],
    ['a fraction', 0, { ...minimal, id: 0.5 }, 'id', /must be an int32, got 0.5/],
    [
      'an element that is wrong',
      3,
      { id: 1, lines: [{ item: 'a' }, { item: 'b', amount: 40000 }] },
      'lines[1].amount',
      /int16/,
    ],
    [
      'a long text before compact sizes',
      0,
      { ...minimal, customer: 'é'.repeat(20000) },
      'customer',
      /40000 bytes, more than 32767/,
    ],
    [
      'a UUID of another form',
      3,
      { id: 1, lines: [], batchId: 'b1e2-…' },
      'batchId',
      /UUID in 22 characters/,
    ],
    ['a UUID that is not base64', 3, { id: 1, lines: [], batchId: '!'.repeat(22) }, 'batchId', /UUID/],
    ['an int64 that is not exact', 3, { id: 1, lines: [], limit: 2 ** 53 }, 'limit', /within 2\^53/],
  ])('refuses %s', (_, version, value, path, message) => {
    const error = errorOf(() => order.at(version).encode(value))
    expect(error.path).toBe(path)
    expect(error.message).toMatch(message)
    expect(error.message).toContain(`Order v${version}, ${path}: `)
  })

  test('refuses values of another type by name', () => {
    const wrong = { id: 'one', customer: 5, lines: 'none' }
    expect(() => order.at(0).encode({ ...minimal, id: wrong.id } as never)).toThrow(
      /id: must be an int32, got one/,
    )
    expect(() => order.at(0).encode({ ...minimal, customer: wrong.customer } as never)).toThrow(
      /must be a string, got number/,
    )
    expect(() => order.at(0).encode({ ...minimal, lines: wrong.lines } as never)).toThrow(
      /must be an array, got string/,
    )
    expect(() => order.at(0).encode(null as never)).toThrow(/Order v0: must be an object, got null/)
    expect(() => order.at(1).encode({ ...minimal, proof: new Uint8Array(1) } as never)).toThrow(
      /must be a Buffer, got object/,
    )
  })

  test('passes over an ignorable value that the version lacks', () => {
    expect(order.at(0).encode({ ...minimal, loyal: 3 })).toEqual(order.at(0).encode(minimal))
  })

  test('goes on as if nothing had been after a refusal', () => {
    const before = order.at(3).encode({ id: 1, lines: [], limit: 5 })
    for (let round = 0; round < 3; round++)
      errorOf(() => order.at(3).encode({ id: 1, lines: [], origin: { place: 'p', at: 2 ** 60 } }))
    expect(order.at(3).encode({ id: 1, lines: [], limit: 5 })).toEqual(before)
  })

  test('may be asked for within a getter of what is being encoded', () => {
    const inner = order.at(0).encode(minimal)
    const value = {
      ...minimal,
      get customer() {
        return order.at(0).encode(minimal).toString('hex')
      },
    }
    expect(order.at(0).decode(order.at(0).encode(value)).customer).toBe(inner.toString('hex'))
  })

  test('copes with messages larger than any buffer it has kept', () => {
    for (const lineCount of [1, 3_000, 100_000, 2]) {
      const lines = Array.from({ length: lineCount }, (_, index) => ({
        item: `item ${index}`,
        amount: index & 0x7fff,
      }))
      const address = { street: 's'.repeat(50_000), doors: [lineCount] }
      const value = { ...minimal, customer: undefined, lines, address }
      const { lines: decodedLines, address: decodedAddress } = order.at(3).decode(order.at(3).encode(value))
      expect(decodedAddress).toEqual(address)
      expect(decodedLines.at(-1)).toEqual(lines.at(-1))
      expect(decodedLines).toHaveLength(lineCount)
    }
  })
})

describe('the chunks of a message', () => {
  test('are the bytes of the caller from 1 KiB on, and copies below', () => {
    const large = Buffer.alloc(1024, 1)
    const small = Buffer.alloc(1023, 2)
    const withLarge = order.at(1).encodeChunks({ ...minimal, proof: large })
    expect(withLarge).toHaveLength(2)
    expect(withLarge[1]).toBe(large)
    expect(order.at(1).encodeChunks({ ...minimal, proof: small })).toHaveLength(1)
  })

  test('are together what encode yields, with bytes in the middle of elements and after each other', () => {
    const pair = data('Pair', '0', { parts: array({ a: bytes(), b: bytes(), end: int8() }), last: bytes() })
    const part = (size: number): { a: Buffer; b: Buffer; end: number } => ({
      a: Buffer.alloc(size, 1),
      b: Buffer.alloc(size, 2),
      end: 3,
    })
    for (const [first = 0, second = 0, last = 0] of [
      [2000, 10, 2000],
      [10, 5000, 0],
      [1024, 1024, 1024],
    ]) {
      const value = { parts: [part(first), part(second)], last: Buffer.alloc(last, 4) }
      const whole = pair.at(0).encode(value)
      expect(Buffer.concat(pair.at(0).encodeChunks(value))).toEqual(whole)
      expect(pair.at(0).decode(whole)).toEqual(value)
    }
  })

  test('are one, empty, for a message without fields', () => {
    expect(data('Nothing', '0', {}).at(0).encodeChunks({})).toEqual([Buffer.alloc(0)])
  })

  test('hold tagged fields whole, however large', () => {
    const tagged = data('Tagged', '0, flexible 0+', { proof: bytes().tagged(0), more: bytes().tagged(300) })
    const value = { proof: Buffer.alloc(5000, 1), more: Buffer.alloc(200, 2) }
    const chunks = tagged.at(0).encodeChunks(value)
    expect(chunks).toHaveLength(1)
    expect(tagged.at(0).decode(Buffer.concat(chunks))).toEqual(value)
  })
})

describe('versions', () => {
  test('are compiled once', () => {
    expect(order.at(2)).toBe(order.at(2))
    expect(order.at(2)).not.toBe(order.at(3))
  })

  test.each([-1, 4, 1.5, Number.NaN])('are refused where there is none: %d', (version) => {
    expect(() => order.at(version)).toThrow(WireError)
    expect(() => order.at(version)).toThrow(/there is no such version; those from 0 to 3 are known/)
  })
})

describe('types', () => {
  type Order = Decoded<typeof order>
  type OrderInput = Encodable<typeof order>

  test('follow from the declaration', () => {
    expectTypeOf<Order['id']>().toEqualTypeOf<number>()
    expectTypeOf<Order['note']>().toEqualTypeOf<string | null>()
    expectTypeOf<Order['proof']>().toEqualTypeOf<Buffer | null>()
    expectTypeOf<Order['lines']>().toEqualTypeOf<
      readonly { readonly item: string; readonly amount: number }[]
    >()
    expectTypeOf<Order['origin']>().toEqualTypeOf<{ readonly place: string; readonly at: number } | null>()
  })

  test('let a decoded value be encoded, and what has a default be left out', () => {
    expectTypeOf<Order>().toExtend<OrderInput>()
    expectTypeOf<{ id: number; lines: [] }>().toExtend<OrderInput>()
    expectTypeOf<{ id: number }>().not.toExtend<OrderInput>()
    expectTypeOf<{ id: string; lines: [] }>().not.toExtend<OrderInput>()
    expectTypeOf<{ id: number; lines: { amount: number }[] }>().not.toExtend<OrderInput>()
  })
})

function errorOf(act: () => unknown): WireError {
  try {
    act()
  } catch (error) {
    if (error instanceof WireError) return error
    throw error
  }
  throw new Error('nothing was refused')
}

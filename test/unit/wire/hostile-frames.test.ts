import { describe, expect, test } from 'vitest'
import { WireError } from '../../../src/base/errors.ts'
import { array, bool, bytes, int8, int16, int32, int64, string, struct } from '../../../src/wire/field.ts'
import { type Message, data } from '../../../src/wire/message.ts'

/** No length or count is believed beyond what the frame has left, and what is refused is refused by name. */

const plain = data('Plain', '0', {
  name: string(),
  blob: bytes(),
  pairs: array({ a: int16(), b: int32() }),
  big: int64(),
})

const flexible = data('Flexible', '0, flexible 0+', {
  name: string(),
  pairs: array({ a: int16(), inner: array(int8()) }),
  child: struct({ yes: bool() }).nullable(),
  known: struct({ x: int32() }).tagged(1),
})

const emptyPlain = '0000 00000000 00000000 0000000000000000'
const emptyFlexible = '01 01 ff 00'

test('the frames that the others are made from are good', () => {
  expect(decode(plain, emptyPlain)).toMatchObject({ name: '', pairs: [], big: 0 })
  expect(decode(flexible, emptyFlexible)).toEqual({ name: '', pairs: [], child: null, known: { x: 0 } })
})

describe('refused in a version of fixed sizes', () => {
  test.each([
    ['a text longer than the frame', '7fff', 'name', '32767 bytes are due, and 0 are left'],
    ['a text of a size below null', 'fffe', 'name', 'has the size -2'],
    ['null where it may not be', 'ffff', 'name', 'is null, which this version does not allow'],
    ['bytes longer than the frame', '0000 7fffffff 00', 'blob', '2147483647 bytes are due, and 1 are left'],
    ['bytes of a size below null', '0000 80000000', 'blob', 'has the size -2147483648'],
    [
      'more elements than there is room for',
      '0000000000007fffffff',
      'pairs',
      '2147483647 elements do not fit in the 0 bytes',
    ],
    [
      'one element too many',
      `00000000000000000002${'00'.repeat(11)}`,
      'pairs',
      '2 elements do not fit in the 11 bytes',
    ],
    ['null for an array', '000000000000ffffffff', 'pairs', 'is null'],
    ['a frame cut in a number', '0000000000000000000000', 'big', '8 bytes are due, and 1 are left'],
    [
      'an int64 of 2^53',
      emptyPlain.slice(0, -16) + '0020000000000000',
      'big',
      '9007199254740992 is beyond the 2^53',
    ],
    [
      'an int64 of -2^53, which a number holds but for its neighbour, too',
      emptyPlain.slice(0, -16) + 'ffe0000000000000',
      'big',
      '-9007199254740992 is beyond the 2^53',
    ],
    [
      'the least int64',
      emptyPlain.slice(0, -16) + '8000000000000000',
      'big',
      '-9223372036854775808 is beyond',
    ],
  ])('%s', (_, hex, path, reason) => checkRefusal(plain, hex, path, reason))
})

describe('refused in a flexible version', () => {
  test.each([
    ['a text longer than the frame', 'ff7f00', 'name', '16382 bytes are due, and 1 are left'],
    ['null where it may not be', '00', 'name', 'is null'],
    ['a size that never ends', 'ffffffffff01', 'name', 'a varint does not fit 32 bits'],
    ['a size cut short', 'ff', 'name', 'a varint is cut short'],
    ['more elements than there is room for', '01 ffffffff0f', 'pairs', '4294967294 elements do not fit'],
    [
      'more elements, of four bytes at the least',
      `01 03${'00'.repeat(7)}`,
      'pairs',
      '2 elements do not fit in the 7',
    ],
    [
      'a fault deep inside',
      '01 03 00010100 0001ff00',
      'pairs[1].inner',
      '126 elements do not fit in the 0 bytes',
    ],
    ['more tagged fields than are ever needed', '0101ff 42', '', '66 tagged fields follow'],
    ['a tagged field longer than the frame', '0101ff 01 05 7f', '', '127 bytes are due, and 0 are left'],
    ['a known tagged field cut short', '0101ff 01 01 05 0000', 'known.x', '4 bytes are due'],
    [
      'a known tagged field of another size',
      '0101ff 01 01 06 000000000000',
      'known',
      'does not take the 6 bytes',
    ],
  ])('%s', (_, hex, path, reason) => checkRefusal(flexible, hex, path, reason))
})

describe('let through', () => {
  test('64 tagged fields that are not known, beside those that are', () => {
    const unknown = Array.from({ length: 64 }, (_, index) => `${byte(index + 2)}01aa`).join('')
    const hex = `01 01 ff 41 01 05 00000007 00 ${unknown}`
    expect(decode(flexible, hex)).toMatchObject({ known: { x: 7 } })
  })

  test('the largest int64 that is exact, and the least', () => {
    expect(decode(plain, `${emptyPlain.slice(0, -16)}001fffffffffffff`)).toMatchObject({
      big: Number.MAX_SAFE_INTEGER,
    })
    expect(decode(plain, `${emptyPlain.slice(0, -16)}ffe0000000000001`)).toMatchObject({
      big: Number.MIN_SAFE_INTEGER,
    })
  })
})

test('every cut of a frame is refused, and nothing else is thrown', () => {
  const value = { name: 'name', pairs: [{ a: 1, inner: [1, 2] }], child: { yes: true }, known: { x: 5 } }
  const frame = flexible.at(0).encode(value)
  for (let size = 0; size < frame.length; size++)
    expect(() => flexible.at(0).decode(frame.subarray(0, size))).toThrow(WireError)
  expect(flexible.at(0).decode(frame)).toEqual(value)
})

function checkRefusal(message: Message<unknown, never>, hex: string, path: string, reason: string): void {
  let refusal: unknown
  try {
    decode(message, hex)
  } catch (error) {
    refusal = error
  }
  expect(refusal).toBeInstanceOf(WireError)
  expect((refusal as WireError).reason).toContain(reason)
  expect((refusal as WireError).path).toBe(path)
}

function decode(message: Message<unknown, never>, hex: string): unknown {
  return message.at(0).decode(Buffer.from(hex.replaceAll(' ', ''), 'hex'))
}

function byte(value: number): string {
  return value.toString(16).padStart(2, '0')
}

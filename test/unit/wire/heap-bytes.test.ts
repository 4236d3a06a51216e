import { describe, expect, test } from 'vitest'
import { array, bytes, int32, int64, string, uuid } from '../../../src/wire/field.ts'
import type { Fields } from '../../../src/wire/field.ts'
import {
  arrayBytes,
  heapBytesMax,
  numberBytes,
  sliceBytes,
  slotBytes,
  structBytes,
  textBytes,
} from '../../../src/wire/heap-bytes.ts'
import { data } from '../../../src/wire/message.ts'
import { heldBytes } from '../../wire/held-bytes.ts'

/** What the reader counts for a value is what it takes: measured on many elements of each kind. */

const count = 30_000
const noBytes = Buffer.alloc(0)

describe('an element takes what is counted for it', () => {
  test.each([
    ['a struct of one field', { a: int32() }, { a: 1 }, structBytes(1)],
    ['a struct of four', fieldsNamed('abcd'), valuesNamed('abcd'), structBytes(4)],
    ['a struct of ten', fieldsNamed('abcdefghij'), valuesNamed('abcdefghij'), structBytes(10)],
    ['a struct of eleven', fieldsNamed('abcdefghijk'), valuesNamed('abcdefghijk'), structBytes(11)],
    ['a struct of fifteen', fieldsNamed('abcdefghijklmno'), valuesNamed('abcdefghijklmno'), structBytes(15)],
    ['a large number', { a: int64() }, { a: 2 ** 40 }, structBytes(1) + numberBytes],
    ['text of one character', { a: string() }, { a: 'x' }, structBytes(1) + textBytes(1, 1)],
    ['text of two', { a: string() }, { a: 'xy' }, structBytes(1) + textBytes(2, 1)],
    ['text of nine', { a: string() }, { a: 'xyxyxyxyx' }, structBytes(1) + textBytes(9, 1)],
    ['text beyond Latin-1', { a: string() }, { a: '日本日本日' }, structBytes(1) + textBytes(5, 2)],
    ['a UUID', { a: uuid() }, { a: 'AQEBAQEBAQEBAQEBAQEBAQ' }, structBytes(1) + textBytes(22, 1)],
    ['a slice', { a: bytes() }, { a: Buffer.alloc(16) }, structBytes(1) + sliceBytes],
    [
      'an array of three',
      { a: array(int32()) },
      { a: [1, 2, 3] },
      structBytes(1) + arrayBytes + 3 * slotBytes,
    ],
    [
      'no text, bytes or elements',
      { a: array(int32()), b: string(), c: bytes() },
      { a: [], b: '', c: noBytes },
      structBytes(3),
    ],
  ] as const)('%s', (_, fields: Fields, value: object, counted) => {
    const message = data('Many', '0, flexible 0+', { elements: array(fields) }).at(0)
    const frame = message.encode({ elements: Array.from({ length: count }, () => value as never) })
    const measured = nearestOfSome(counted + slotBytes, () => heldBytes(() => message.decode(frame)) / count)
    expect(Math.abs(measured / (counted + slotBytes) - 1)).toBeLessThan(0.1)
  })
})

test('a message is refused where its value would take too much, and not before', () => {
  const message = data('Dense', '0, flexible 0+', { elements: array({ text: string() }) }).at(0)
  const decode = (elementCount: number): unknown =>
    message.decode(message.encode({ elements: Array.from({ length: elementCount }, () => ({ text: '' })) }))
  const elementBytes = slotBytes + structBytes(1)
  // Elements of two bytes each.
  const elementCount = Math.floor(heapBytesMax(0) / (elementBytes - heapBytesMax(2) + heapBytesMax(0)))
  expect(() => decode(elementCount - 10)).not.toThrow()
  expect(() => decode(elementCount + 10)).toThrow(
    /Dense v0, elements: the message would take more than \d+ bytes/,
  )
})

/** What else the process allocates or lets go of meanwhile differs from time to time: a wrong count is wrong every time. */
function nearestOfSome(expected: number, measure: () => number): number {
  let nearest = measure()
  for (let tries = 1; tries < 12 && Math.abs(nearest / expected - 1) > 0.05; tries++) {
    const next = measure()
    if (Math.abs(next - expected) < Math.abs(nearest - expected)) nearest = next
  }
  return nearest
}

function fieldsNamed(names: string): Fields {
  return Object.fromEntries(names.split('').map((name) => [name, int32()]))
}

function valuesNamed(names: string): object {
  return Object.fromEntries(names.split('').map((name) => [name, 1]))
}

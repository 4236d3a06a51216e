import { expect, test } from 'vitest'
import { MalformedInputError } from '../../../native-free/errors.ts'
import { uuidFromBase64Url, uuidToBase64Url } from '../../../native-free/uuid.ts'
import { readVector } from './vectors.ts'

const ids: { hex: string; text: string }[] = JSON.parse(readVector('uuids.json').toString())

test.each(ids)('$hex prints as Kafka prints it', ({ hex, text }) => {
  expect(uuidToBase64Url(Buffer.from(hex, 'hex'))).toBe(text)
  expect(uuidFromBase64Url(text).toString('hex')).toBe(hex)
})

test('a view into a larger buffer prints its own bytes', () => {
  const bytes = Uint8Array.from({ length: 40 }, (_, i) => i)
  const id = bytes.subarray(8, 24)
  expect(uuidFromBase64Url(uuidToBase64Url(id))).toEqual(Buffer.from(id))
})

test.each([
  ['too short', 'AAAAAAAAAAAAAAAAAAAAA'],
  ['too long', 'AAAAAAAAAAAAAAAAAAAAAAA'],
  ['padded', 'AAAAAAAAAAAAAAAAAAAAAA=='],
  ['in the other alphabet', '+/AAAAAAAAAAAAAAAAAAAA'],
  ['with bits to spare', 'AAAAAAAAAAAAAAAAAAAAAB'],
  ['followed by a line end', 'AAAAAAAAAAAAAAAAAAAAAA\n'],
  ['empty', ''],
])('refuses a text that is %s', (_, text) => {
  expect(() => uuidFromBase64Url(text)).toThrow(MalformedInputError)
})

test('refuses bytes that are not 16', () => {
  expect(() => uuidToBase64Url(new Uint8Array(15))).toThrow(RangeError)
})

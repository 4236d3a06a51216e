import { gunzipSync, gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { MalformedInputError } from '../../../native-free/errors.ts'
import { gzipCodec } from '../../../native-free/gzip.ts'
import { readVector } from './vectors.ts'

const text = readVector('compressed/text-300k.plain')

test.each(['empty', 'tiny'])('compresses %s to the bytes that Kafka makes of it', (input) => {
  const plain = readVector(`compressed/${input}.plain`)
  expect(gzipCodec.compress(plain)).toEqual(readVector(`compressed/${input}.gzip`))
})

test('levels trade time for size, and -1 is 6', () => {
  const sizeAt = (level?: number): number => gzipCodec.compress(text, level).length
  expect(sizeAt(9)).toBeLessThan(sizeAt(1))
  expect(sizeAt()).toBe(sizeAt(6))
  expect(gunzipSync(gzipCodec.compress(text, 9)).equals(text)).toBe(true)
  expect(() => gzipCodec.compress(text, 10)).toThrow(RangeError)
})

test('reads what Kafka compressed harder', () => {
  expect(gzipCodec.decompress(readVector('compressed/text-300k.level9.gzip'), text.length).equals(text)).toBe(
    true,
  )
})

test('reads several members as one', () => {
  const members = Buffer.concat([gzipSync('tide'), gzipSync(''), gzipSync('mark')])
  expect(gzipCodec.decompress(members, 8).toString()).toBe('tidemark')
  expect(() => gzipCodec.decompress(members, 7)).toThrow(/more than the 7 bytes/)
})

test('a false size in the trailer is noticed, and is not believed when room is made', () => {
  const lying = gzipSync('tidemark')
  lying.writeUInt32LE(0xffffffff, lying.length - 4)
  expect(() => gzipCodec.decompress(lying, 100)).toThrow(MalformedInputError)
})

test('keeps the error of zlib as the cause', () => {
  const damaged = gzipCodec.compress(text)
  damaged[5000] = (damaged[5000] ?? 0) ^ 255
  expect(() => gzipCodec.decompress(damaged, text.length)).toThrow(
    expect.objectContaining({
      name: 'MalformedInputError',
      cause: expect.objectContaining({ code: 'Z_DATA_ERROR' }),
    }),
  )
})

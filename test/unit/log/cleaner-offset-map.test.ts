import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CleanerOffsetMap } from '../../../src/log/cleaner-offset-map.ts'
import { checkProperty } from './seeded-property.ts'

const mebibyte = 1024 * 1024
const key = (text: string) => Buffer.from(text)

describe('the offset map', () => {
  test('keeps the last offset of each key', () => {
    const map = new CleanerOffsetMap(mebibyte, 100, 7)
    map.put(0, key('a'))
    map.put(1, key('b'))
    map.put(2 ** 50, key('a'))
    expect([map.get(key('a')), map.get(key('b')), map.get(key('c')), map.size]).toEqual([2 ** 50, 1, -1, 2])
  })

  test.each([
    ['is empty', '', '\0'],
    ['ends in zeros', 'a', 'a\0'],
    ['just fits', 'x'.repeat(15), `${'x'.repeat(14)}y`],
    ['just does not', 'x'.repeat(16), `${'x'.repeat(15)}y`],
    ['is as long as a digest', 'x'.repeat(15), 'x'.repeat(16)],
  ])('tells a key that %s from one like it', (_, one, other) => {
    const map = new CleanerOffsetMap(mebibyte, 100, 7)
    map.put(1, key(one))
    expect(map.get(key(other))).toBe(-1)
    map.put(2, key(other))
    expect([map.get(key(one)), map.get(key(other))]).toEqual([1, 2])
  })

  test('refuses new keys when it is full, and still takes the known ones', () => {
    const map = new CleanerOffsetMap(24 * 8, 100, 7)
    const taken = Array.from({ length: 20 }, (_, offset) => map.put(offset, key(`key ${offset}`)))
    expect(map.capacity).toBe(6)
    expect(taken).toEqual(Array.from({ length: 20 }, (_, offset) => offset < 6))
    expect(map.put(30, key('key 3'))).toBe(true)
    expect(map.get(key('key 3'))).toBe(30)
    expect(map.get(key('key 9'))).toBe(-1)
  })

  test('takes one key however little memory it gets', () => {
    expect(new CleanerOffsetMap(0, 100, 7).put(1, key('a'))).toBe(true)
  })

  test('takes no more memory than there can be keys, and never more than it may', () => {
    expect(new CleanerOffsetMap(mebibyte, 3, 7).sizeBytes).toBeLessThan(200)
    expect(new CleanerOffsetMap(mebibyte, 3, 7).capacity).toBeGreaterThanOrEqual(3)
    expect(new CleanerOffsetMap(mebibyte, 10 ** 9, 7).sizeBytes).toBeLessThanOrEqual(mebibyte)
  })

  test('does what a Map does', () => {
    const entries = fc.array(fc.tuple(fc.uint8Array({ maxLength: 20 }), fc.nat()), { maxLength: 200 })
    checkProperty(fc.tuple(entries, fc.integer()), ([given, seed]) => {
      const map = new CleanerOffsetMap(mebibyte, given.length, seed)
      const model = new Map<string, number>()
      for (const [bytes, offset] of given) {
        expect(map.put(offset, bytes)).toBe(true)
        model.set(String(bytes), offset)
      }
      expect(map.size).toBe(model.size)
      for (const [bytes] of given) expect(map.get(bytes)).toBe(model.get(String(bytes)))
    })
  })
})

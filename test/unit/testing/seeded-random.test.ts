import { describe, expect, test } from 'vitest'
import { seededRandom } from '../../../src/testing/seeded-random.ts'

/** The generator again, from its published description, with the counter and state as plain numbers. */
function* sfc32Reference(seed: number): Generator<number> {
  const state = Uint32Array.of(Math.floor(seed / 2 ** 32), seed, 0, 1)
  const at = (index: number) => state[index] ?? 0
  for (let round = 0; ; round++) {
    const result = (at(0) + at(1) + at(3)) >>> 0
    state[3] = at(3) + 1
    state[0] = at(1) ^ (at(1) >>> 9)
    state[1] = at(2) + at(2) * 8
    state[2] = ((at(2) << 21) | (at(2) >>> 11)) + result
    if (round >= 12) yield result
  }
}

function draw(seed: number): string {
  return seededRandom(seed).bytes(8).toString('hex')
}

describe('seeded randomness', () => {
  test.each([0, 1, 42, 2 ** 32 + 7, -5])('is sfc32, from seed %d', (seed) => {
    const random = seededRandom(seed)
    const reference = sfc32Reference(seed)
    for (let count = 0; count < 100; count++) expect(random.next() * 2 ** 32).toBe(reference.next().value)
  })

  test('repeats with the seed, and differs between near seeds', () => {
    expect(draw(1)).toBe(draw(1))
    expect(new Set(Array.from({ length: 100 }, (_, seed) => draw(seed))).size).toBe(100)
    expect(draw(2 ** 32)).not.toBe(draw(0))
  })

  test('gives the same values for ever: seeds that once failed must go on to fail', () => {
    const random = seededRandom(2024)
    expect(random.bytes(8).toString('hex')).toBe('32626b7dd59b6e7a')
  })

  test('keeps to its ranges and reaches all of them', () => {
    const random = seededRandom(7)
    const drawn = new Set(Array.from({ length: 1000 }, () => random.int(5)))
    expect(drawn).toEqual(new Set([0, 1, 2, 3, 4]))
    const fractions = Array.from({ length: 1000 }, () => random.next())
    expect(Math.min(...fractions)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...fractions)).toBeLessThan(1)
    expect(new Set(Array.from({ length: 100 }, () => random.pick(['a', 'b', 'c']))).size).toBe(3)
    expect(new Set(random.bytes(10_000)).size).toBe(256)
  })

  test('refuses to choose from nothing', () => {
    const random = seededRandom(7)
    expect(() => random.int(0)).toThrow(RangeError)
    expect(() => random.int(1.5)).toThrow(RangeError)
    expect(() => random.pick([])).toThrow(RangeError)
  })
})

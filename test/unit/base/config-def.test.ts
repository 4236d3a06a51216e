import { describe, expect, test } from 'vitest'
import { booleanKey, choiceKey, integerKey, resolveConfig, unlimited } from '../../../src/base/config-def.ts'

const def = {
  sizeBytes: integerKey({ kafkaName: 'size.bytes', default: 10, min: 1, max: 100 }),
  ageMs: integerKey({ kafkaName: 'age.ms', default: unlimited, min: 0, unlimited: true }),
  mode: choiceKey({ kafkaName: 'mode.type', default: 'fast', choices: ['fast', 'safe'] }),
  strict: booleanKey({ default: true }),
} as const

const resolve = (given: Record<string, unknown>) => resolveConfig(def, given)

test('what is not given has its default', () => {
  const defaults = { sizeBytes: 10, ageMs: Infinity, mode: 'fast', strict: true }
  expect(resolve({})).toEqual(defaults)
  expect(resolve({ sizeBytes: undefined, mode: undefined })).toEqual(defaults)
})

test('our names and those of Kafka mean the same', () => {
  const given = { sizeBytes: 20, ageMs: 5, mode: 'safe', strict: false }
  expect(resolve(given)).toEqual(given)
  expect(resolve({ 'size.bytes': 20, 'age.ms': 5, 'mode.type': 'safe', strict: false })).toEqual(given)
})

test('both names at once are refused, whichever comes first and whatever they say', () => {
  expect(() => resolve({ sizeBytes: 20, 'size.bytes': 20 })).toThrow(
    new TypeError("option 'size.bytes' was also given under its other name; give it once"),
  )
  expect(() => resolve({ 'size.bytes': 20, sizeBytes: 21 })).toThrow(TypeError)
  expect(resolve({ sizeBytes: 20, 'size.bytes': undefined }).sizeBytes).toBe(20)
})

describe('an unknown name', () => {
  test('is refused with the nearest one', () => {
    expect(() => resolve({ sizeByte: 20 })).toThrow(
      new TypeError("unknown option 'sizeByte'; did you mean 'sizeBytes'?"),
    )
    expect(() => resolve({ 'age.mss': 20 })).toThrow("did you mean 'age.ms'?")
  })

  test('that resembles none is refused without a proposal', () => {
    expect(() => resolve({ colour: 'red' })).toThrow(new TypeError("unknown option 'colour'"))
  })

  test('is no member of Object.prototype', () => {
    expect(() => resolve({ constructor: 1 })).toThrow("unknown option 'constructor'")
    expect(() => resolve({ toString: 1 })).toThrow("unknown option 'toString'")
  })
})

describe('an integer', () => {
  test.each([['20'], [null], [true], [20n], [{}], [[]]])('is not %s', (value) => {
    expect(() => resolve({ sizeBytes: value })).toThrow(TypeError)
    expect(() => resolve({ sizeBytes: value })).toThrow(/^sizeBytes must be an integer from 1 to 100; got /)
  })

  test.each([[0], [101], [1.5], [Number.NaN], [-1], [Infinity]])('is out of range as %s', (value) => {
    expect(() => resolve({ sizeBytes: value })).toThrow(RangeError)
    expect(() => resolve({ sizeBytes: value })).toThrow(
      `sizeBytes must be an integer from 1 to 100; got ${value}`,
    )
  })

  test('may be as small and as large as the limits', () => {
    expect(resolve({ sizeBytes: 1 }).sizeBytes).toBe(1)
    expect(resolve({ sizeBytes: 100 }).sizeBytes).toBe(100)
  })

  test('without limit is -1, Infinity, or the largest long', () => {
    for (const value of [-1, Infinity, Number(2n ** 63n - 1n)])
      expect(resolve({ ageMs: value }).ageMs).toBe(Infinity)
    expect(() => resolve({ ageMs: -2 })).toThrow('or -1 for no limit; got -2')
    expect(() => resolve({ ageMs: 0.5 })).toThrow(RangeError)
    expect(resolve({ ageMs: 0 }).ageMs).toBe(0)
  })

  test('is named in the error as it was given', () => {
    expect(() => resolve({ 'size.bytes': 0 })).toThrow(/^size\.bytes must be/)
  })
})

test('a choice is one of the words, and a misspelt one is told which was meant', () => {
  expect(() => resolve({ mode: 'sefe' })).toThrow(
    new TypeError("mode must be one of 'fast', 'safe'; got 'sefe'. Did you mean 'safe'?"),
  )
  expect(() => resolve({ mode: 'FASTEST!' })).toThrow(TypeError)
  expect(() => resolve({ mode: 1 })).toThrow("mode must be one of 'fast', 'safe'; got 1")
  expect(() => resolve({ mode: null })).toThrow('got null')
})

test('a switch is true or false and nothing that resembles them', () => {
  for (const value of ['true', 1, 0, null, {}])
    expect(() => resolve({ strict: value })).toThrow(/^strict must be true or false; got /)
  expect(resolve({ strict: false }).strict).toBe(false)
})

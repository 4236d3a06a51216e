import { expect, test } from 'vitest'
import { errorCodes, errorName, isRetriable } from '../../../src/wire/error-codes.ts'
import { protocolFacts } from './kafka-facts.ts'

const facts = protocolFacts().errors

test('the error codes are those of Kafka', () => {
  const own = Object.entries(errorCodes).map(([name, code]) => ({ name, code, retriable: isRetriable(code) }))
  const byCode = (a: { code: number }, b: { code: number }): number => a.code - b.code
  expect(own.sort(byCode)).toEqual([...facts].sort(byCode))
  expect(errorCodes.NOT_COORDINATOR).toBe(16)
})

test('a code has its name, and one that is not known has none and is not retried', () => {
  for (const { code, name } of facts) expect(errorName(code)).toBe(name)
  expect(errorName(9999)).toBeUndefined()
  expect(isRetriable(9999)).toBe(false)
})

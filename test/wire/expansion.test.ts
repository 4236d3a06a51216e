import { expect, test } from 'vitest'
import { type Api, apiOf } from '../../src/wire/api-keys.ts'
import { isExcessive, requestExpansions } from './expansion.ts'

/** Those that expand most, of what a broker takes from strangers; `npm run fuzz` measures all. */
const keys = [11, 14, 37, 75]

test('a frame crowded with small elements expands within bounds, or is refused', () => {
  const apis = keys.map((key) => apiOf(key)).filter((api): api is Api => api !== undefined)
  const expansions = [...requestExpansions(256 * 1024, apis)]
  expect(expansions.length).toBeGreaterThanOrEqual(keys.length)
  expect(expansions.filter(isExcessive)).toEqual([])
  // It is memory that is measured, and the bound is needed: objects take more than the bytes that they are made from.
  expect(
    Math.max(...expansions.map(({ frameBytes, heldBytes = 0 }) => heldBytes / frameBytes)),
  ).toBeGreaterThan(8)
  expect(expansions.some(({ heldBytes }) => heldBytes === undefined)).toBe(true)
})

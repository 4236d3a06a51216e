import { expect, test } from 'vitest'
import { type Api, apiOf } from '../../src/wire/api-keys.ts'
import { heldBytesMax, requestExpansions } from './expansion.ts'

/** Those that expand most, of what a broker takes from strangers; `npm run fuzz` measures all. */
const keys = [11, 14, 75]

test('a frame crowded with the smallest elements expands within bounds', () => {
  const apis = keys.map((key) => apiOf(key)).filter((api): api is Api => api !== undefined)
  const expansions = [...requestExpansions(64 * 1024, apis)]
  expect(expansions.length).toBeGreaterThanOrEqual(keys.length)
  expect(expansions.filter(({ frameBytes, heldBytes }) => heldBytes > heldBytesMax(frameBytes))).toEqual([])
  // It is memory that is measured: objects take more than the bytes that they are made from.
  expect(Math.max(...expansions.map(({ frameBytes, heldBytes }) => heldBytes / frameBytes))).toBeGreaterThan(
    8,
  )
})

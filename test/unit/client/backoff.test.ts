import { expect, test } from 'vitest'
import { backoffMs } from '../../../src/client/cluster/backoff.ts'

test('pauses double up to their limit, and stray a little', () => {
  const limits = { firstMs: 100, maxMs: 1000 }
  expect([1, 2, 3, 4, 5, 6].map((count) => backoffMs(count, limits, 0.5))).toEqual([
    100, 200, 400, 800, 1000, 1000,
  ])
  expect([0, 1].map((chance) => Math.round(backoffMs(1, limits, chance)))).toEqual([80, 120])
})

test('however often something fails, a pause is a number', () => {
  for (const failureCount of [50, 1024, 1025, 1e9]) {
    expect(backoffMs(failureCount, { firstMs: 0, maxMs: 1000 }, 0.5)).toBe(0)
    expect(backoffMs(failureCount, { firstMs: 1, maxMs: 1000 }, 0.5)).toBe(1000)
  }
})

import { expect, test } from 'vitest'
import { resolveServerConfig } from '../../../src/server/server-config.ts'

test('every limit is finite by default', () => {
  expect(Object.entries(resolveServerConfig()).filter(([, value]) => !Number.isFinite(value))).toEqual([])
})

test('limits go by our names or Kafka’s, and wrong ones are refused', () => {
  const config = resolveServerConfig({
    'max.connections': 7,
    'connections.max.idle.ms': -1,
    frameDeadlineMs: 5,
  })
  expect(config).toMatchObject({ maxConnections: 7, maxIdleMs: Number.POSITIVE_INFINITY, frameDeadlineMs: 5 })
  expect(() => resolveServerConfig({ maxConnections: 0 })).toThrow(RangeError)
  expect(() => resolveServerConfig({ 'max.conections': 1 } as object)).toThrow(
    "did you mean 'max.connections'",
  )
})

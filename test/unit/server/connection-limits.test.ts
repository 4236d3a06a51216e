import { describe, expect, test } from 'vitest'
import { ConnectionLimits } from '../../../src/server/connection-limits.ts'

const none = {
  maxConnections: Number.POSITIVE_INFINITY,
  maxConnectionsPerIp: Number.POSITIVE_INFINITY,
  maxConnectionCreationRate: Number.POSITIVE_INFINITY,
}

describe('connection limits', () => {
  test('admit exactly so many', () => {
    const limits = new ConnectionLimits({ ...none, maxConnections: 3 })
    const verdicts = Array.from({ length: 4 }, (_, index) => limits.admit(`10.0.0.${index}`, 0))
    expect(verdicts).toEqual([undefined, undefined, undefined, 'max.connections'])
    limits.release('10.0.0.1')
    expect(limits.admit('10.0.0.9', 0)).toBeUndefined()
    expect(limits.admit('10.0.0.9', 0)).toBe('max.connections')
  })

  test('admit exactly so many from one address', () => {
    const limits = new ConnectionLimits({ ...none, maxConnectionsPerIp: 2 })
    expect(['a', 'a', 'a', 'b'].map((address) => limits.admit(address, 0))).toEqual([
      undefined,
      undefined,
      'max.connections.per.ip',
      undefined,
    ])
    limits.release('a')
    expect(limits.admit('a', 0)).toBeUndefined()
    expect(limits.count).toBe(3)
  })

  test('admit so many in a second, and refused ones do not count', () => {
    const limits = new ConnectionLimits({ ...none, maxConnectionCreationRate: 2 })
    const at = (nowMs: number) => limits.admit('a', nowMs)
    expect([at(0), at(0), at(0), at(499)]).toEqual([
      undefined,
      undefined,
      'max.connection.creation.rate',
      'max.connection.creation.rate',
    ])
    expect([at(500), at(500)]).toEqual([undefined, 'max.connection.creation.rate'])
    expect([at(60_000), at(60_000), at(60_000)]).toEqual([
      undefined,
      undefined,
      'max.connection.creation.rate',
    ])
    expect(limits.count).toBe(5)
  })
})

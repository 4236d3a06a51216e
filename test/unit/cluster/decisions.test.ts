import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { assignReplicas } from '../../../src/cluster/assign-replicas.ts'
import { electLeader } from '../../../src/cluster/elect-leader.ts'

const seed = process.env.TIDEMARK_SEED === undefined ? {} : { seed: Number(process.env.TIDEMARK_SEED) }

describe('assigning replicas', () => {
  test('leaders go round, and followers shift each time round', () => {
    expect(assignReplicas([0, 1, 2], 6, 2)).toEqual([
      [0, 1],
      [1, 2],
      [2, 0],
      [0, 2],
      [1, 0],
      [2, 1],
    ])
  })

  test('each partition has different replicas, and every broker leads about as many', () => {
    const cases = fc.record({
      brokers: fc.uniqueArray(fc.integer({ min: 0, max: 1000 }), { minLength: 1, maxLength: 12 }),
      partitions: fc.integer({ min: 1, max: 60 }),
      factor: fc.integer({ min: 1, max: 12 }),
      first: fc.integer({ min: 0, max: 50 }),
    })
    fc.assert(
      fc.property(cases, ({ brokers, partitions, factor, first }) => {
        fc.pre(factor <= brokers.length)
        const assigned = assignReplicas(brokers, partitions, factor, first)
        expect(assigned).toHaveLength(partitions)
        const led = new Map<number, number>()
        for (const replicas of assigned) {
          expect(new Set(replicas).size).toBe(factor)
          for (const id of replicas) expect(brokers).toContain(id)
          led.set(replicas[0] ?? -1, (led.get(replicas[0] ?? -1) ?? 0) + 1)
        }
        const counts = brokers.map((id) => led.get(id) ?? 0)
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1)
      }),
      seed,
    )
  })

  test.each([
    [[1], 1, 2, 'INVALID_REPLICATION_FACTOR'],
    [[1], 1, 0, 'INVALID_REPLICATION_FACTOR'],
    [[1], 0, 1, 'INVALID_PARTITIONS'],
  ])('brokers %j, %i partitions and %i replicas are refused', (brokers, partitions, factor, kafkaName) => {
    expect(() => assignReplicas(brokers, partitions, factor)).toThrow(expect.objectContaining({ kafkaName }))
  })
})

describe('electing a leader', () => {
  const state = { leader: 1, leaderEpoch: 4, isr: [1, 2] }
  const replicas = [1, 2, 3]
  const elect = (live: readonly number[], unclean = false) =>
    electLeader(state, { replicas, isLive: (id) => live.includes(id), unclean })

  test('the first in assignment order that is alive and in sync leads, in the next epoch', () => {
    expect(elect([1, 2, 3])).toEqual({ leader: 1, leaderEpoch: 5, isr: [1, 2] })
    expect(elect([2, 3])).toEqual({ leader: 2, leaderEpoch: 5, isr: [2] })
  })

  test('nobody leads when nobody in sync is alive, and those in sync are remembered', () => {
    expect(elect([3])).toEqual({ leader: -1, leaderEpoch: 5, isr: [1, 2] })
  })

  test('an unclean election takes whoever is alive', () => {
    expect(elect([3], true)).toEqual({ leader: 3, leaderEpoch: 5, isr: [3] })
    expect(elect([], true)).toEqual({ leader: -1, leaderEpoch: 5, isr: [1, 2] })
  })
})

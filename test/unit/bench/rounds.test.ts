import { describe, expect, test } from 'vitest'
import { judge } from '../../../bench/result.ts'
import { type Contestant, ratioOf, runRounds } from '../../../bench/rounds.ts'
import { percentile, sort, spreadOf } from '../../../bench/statistics.ts'

/** A contestant that reports these values in turn, and notes its name when it does. */
function reporting(name: string, values: readonly number[], turns: string[] = []): Contestant {
  let next = 0
  return {
    name,
    measure: () => {
      turns.push(name)
      return [{ figure: name, unit: 'ops/s', value: values[next++] ?? Number.NaN }]
    },
  }
}

describe('statistics', () => {
  test('the median of an even number of values lies between the middle ones', () => {
    expect(spreadOf([4, 1, 3, 2])).toEqual({ median: 2.5, min: 1, max: 4 })
  })

  test('percentiles count from the least value to the greatest', () => {
    const sorted = sort(Array.from({ length: 101 }, (_, index) => 100 - index))
    expect([0, 50, 99, 100].map((percent) => percentile(sorted, percent))).toEqual([0, 50, 99, 100])
  })

  test('nothing has no spread', () => {
    expect(() => spreadOf([])).toThrow(RangeError)
  })
})

describe('rounds', () => {
  test('contestants take turns, and the first round does not count', async () => {
    const turns: string[] = []
    const figures = await runRounds(
      [reporting('a', [900, 1, 2], turns), reporting('b', [900, 3, 4], turns)],
      2,
    )
    expect(turns).toEqual(['a', 'b', 'a', 'b', 'a', 'b'])
    expect(figures.map(({ rounds }) => rounds)).toEqual([
      [1, 2],
      [3, 4],
    ])
  })

  test('a ratio is taken within the rounds, so a machine that slows down does not move it', async () => {
    const [ours, theirs] = await runRounds([reporting('a', [0, 8, 4, 2]), reporting('b', [0, 4, 2, 1])], 3)
    if (ours === undefined || theirs === undefined) throw new Error('two figures are expected')
    expect(ratioOf(ours, theirs)).toEqual({ median: 2, min: 2, max: 2 })
  })
})

describe('verdicts', () => {
  const suite = { name: 'suite', about: '', prepare: () => ({ contestants: [], claims: [] }) }

  test('say whether a figure, or its ratio, is within its bound', async () => {
    const figures = await runRounds([reporting('a', [0, 10]), reporting('b', [0, 4])], 1)
    const claims = [
      { figure: 'a', sense: 'at least', bound: 10 },
      { figure: 'a', sense: 'at most', bound: 9 },
      { figure: 'a', against: 'b', sense: 'at least', bound: 3 },
    ] as const
    const { verdicts } = judge(suite, { contestants: [], claims }, figures)
    expect(verdicts.map(({ actual, met }) => [actual, met])).toEqual([
      [10, true],
      [10, false],
      [2.5, false],
    ])
  })

  test('leave out what a peer that is not installed would have measured', async () => {
    const figures = await runRounds([reporting('a', [0, 10])], 1)
    const claims = [{ figure: 'a', against: 'absent', sense: 'at least', bound: 2 }] as const
    const { verdicts, ratios } = judge(suite, { contestants: [], claims, ratios: [['a', 'absent']] }, figures)
    expect({ verdicts, ratios }).toEqual({ verdicts: [], ratios: [] })
  })
})

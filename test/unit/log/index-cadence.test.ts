import { expect, test } from 'vitest'
import { IndexCadence } from '../../../src/log/index-cadence.ts'

const decisions = (cadence: IndexCadence, sizes: readonly number[]) =>
  sizes.map((size) => cadence.onBatch(size))

test('an entry comes with the first batch at whose start more than the interval has gone by', () => {
  expect(decisions(new IndexCadence(100), [60, 40, 1, 50])).toEqual([false, false, false, true])
})

test('the first batch has no entry, however large, and the one after a large one has', () => {
  expect(decisions(new IndexCadence(100), [1000, 1000, 10, 10])).toEqual([false, true, true, false])
})

test('an interval of 0 gives every batch but the first an entry', () => {
  expect(decisions(new IndexCadence(0), [1, 1, 1])).toEqual([false, true, true])
})

test('begins again with what lies behind the last entry', () => {
  const cadence = new IndexCadence(100)
  cadence.onBatch(500)
  cadence.reset()
  expect(cadence.onBatch(60)).toBe(false)
  cadence.reset(101)
  expect(decisions(cadence, [60, 60])).toEqual([true, false])
})

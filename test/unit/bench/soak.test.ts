import { expect, test } from 'vitest'
import { growthOf } from '../../../bench/clients/soak.ts'

/** 50 samples of one process, one after each million records. */
const samplesOf = (bytesAfter: (millions: number) => number) =>
  Array.from({ length: 50 }, (_, index) => ({
    recordCount: (index + 1) * 1e6,
    residentBytes: [bytesAfter(index + 1)],
  }))

test('growth is bytes a record, whatever the start costs', () => {
  expect(
    growthOf(
      samplesOf((millions) => 100e6 + 3e6 * millions),
      0,
    ),
  ).toBeCloseTo(3)
  expect(
    growthOf(
      samplesOf((millions) => (millions <= 10 ? 20e6 * millions : 200e6)),
      0,
    ),
  ).toBeCloseTo(0)
  expect(
    growthOf(
      samplesOf((millions) => 200e6 + (millions % 2) * 1e6),
      0,
    ),
  ).toBeCloseTo(0, 1)
})

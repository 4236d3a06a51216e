import * as fc from 'fast-check'

/** Checks a property; the seed of a failure is printed, and `TIDEMARK_SEED` runs it again. */
export function checkProperty<T>(given: fc.Arbitrary<T>, property: (value: T) => void, numRuns = 200): void {
  const seed = process.env['TIDEMARK_SEED']
  fc.assert(fc.property(given, property), { numRuns, ...(seed !== undefined && { seed: Number(seed) }) })
}

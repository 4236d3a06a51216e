/** The middle and the ends of some measurements. */
export interface Spread {
  readonly median: number
  readonly min: number
  readonly max: number
}

/** @throws RangeError when there are no values */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = sort(values)
  return { median: percentile(sorted, 50), min: sorted[0] as number, max: sorted.at(-1) as number }
}

/** The value that `percent` of the sorted values do not exceed; between two of them for an even median. */
export function percentile(sorted: readonly number[], percent: number): number {
  const place = ((sorted.length - 1) * percent) / 100
  const low = sorted[Math.floor(place)] ?? Number.NaN
  const high = sorted[Math.ceil(place)] ?? Number.NaN
  return low + (high - low) * (place - Math.floor(place))
}

/** A sorted copy, numbers by size. */
export function sort(values: readonly number[]): number[] {
  if (values.length === 0) throw new RangeError('there is nothing to summarise')
  return values.toSorted((a, b) => a - b)
}
